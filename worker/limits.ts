// Every number that bounds something: its unit in the name or the comment, and the reason for it.

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** A JSON body is parsed in one piece and costs about ten times its bytes; an isolate has 128 MB. */
  JSON_BODY_BYTES: 8 * MIB,
  /** Rows of one JSON array: every row is an answer held in memory. More rows go as CSV or NDJSON, which stream. */
  JSON_ROWS: 100_000,
  /** A form holds one row of plain values. */
  FORM_BODY_BYTES: 1 * MIB,
  /** A multipart body that is not a streamed CSV is held in memory: an image and its columns. */
  MULTIPART_BODY_BYTES: 16 * MIB,
  /** Parts of one multipart body: more features than this come as one JSON part. */
  MULTIPART_PARTS: 1000,
  /** One line of a streamed CSV or NDJSON body; an unclosed quote must not swallow the whole stream. */
  LINE_BYTES: 1 * MIB,
  /** Rows of a run: at 1024 a stream of a million rows took 70 MB of V8's heap, at 256 18 MB and the same time. */
  CHUNK_ROWS: 256,
  /** A streamed body of up to about this many rows is answered whole or, when one is wrong, not at all (in 0.1 MB). */
  HELD_ROWS: 1000,
  /** Tensor elements of one run (4 MB as float32): wide rows make the chunk smaller. */
  CHUNK_ELEMENTS: 1_000_000,
  /** Issues listed in full in one error body; the rest are counted. */
  ISSUES_LISTED: 100,
  /** Characters of a caller's value that an error message repeats. */
  ECHO_CHARACTERS: 60,
  /** Characters of an X-Request-Id that is echoed; longer ones are replaced. */
  REQUEST_ID_CHARACTERS: 128,

  /** Seconds an isolate trusts what it read of a pipeline. With KV's own bound this keeps deactivation under 60 s. */
  PIPELINE_CACHE_SECONDS: 10,
  /** Seconds KV may serve a pipeline record from the edge cache: the least KV accepts. */
  KV_CACHE_SECONDS: 30,
  /** Pipelines an isolate remembers; a record is a few KB. */
  PIPELINE_CACHE_ENTRIES: 2000,
  /** Memory of loaded models in one isolate of 128 MB; the rest is the runtime (about 30 MB), code and requests. */
  SESSION_CACHE_BYTES: 64 * MIB,
  /** Seconds after which a caller should try again when a model cannot be loaded. */
  UNAVAILABLE_RETRY_SECONDS: 5,

  /** A KV value holds 25 MiB, and a model is one value. */
  MODEL_BYTES: 25 * MIB,
  /** A training CSV is read for names, types and ranges, not kept. */
  TRAINING_CSV_BYTES: 25 * MIB,
  /** Rows of the training CSV that are looked at: enough for ranges and agreement, bounded for time. */
  TRAINING_CSV_ROWS: 20_000,
  /** Columns of the training CSV. */
  TRAINING_CSV_COLUMNS: 2000,
  /** Graph inputs: one per column at the most. */
  GRAPH_INPUTS: 1000,
  /** Nodes of a graph, all subgraphs and expanded functions included. */
  GRAPH_NODES: 100_000,
  /** Depth of graphs inside nodes (If, Loop, Scan). */
  GRAPH_DEPTH: 16,
  /** Characters of a name in the graph: names become columns, keys and messages. */
  NAME_CHARACTERS: 256,
  /** Iterations of a Loop whose trip count is a constant. */
  LOOP_ITERATIONS: 10_000,
  /** Elements of a tensor whose shape is a constant (Expand, ConstantOfShape, Range…): 64 MB as float32. */
  CONSTANT_ELEMENTS: 16_000_000,
  /** Numbers that one row may be answered with. */
  OUTPUT_ELEMENTS_PER_ROW: 10_000,
  /** Classes a classifier may have: each is one number in every answer. */
  CLASSES: 1000,
  /** Distinct values of a column that are listed as its values; more is free text. */
  LISTED_VALUES: 50,
} as const;
