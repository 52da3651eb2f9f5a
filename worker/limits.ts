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
  /** Of a body that is too large, what is read and thrown away: the platform takes no larger ones. */
  DRAINED_BYTES: 100 * MIB,
  /** Parts of one multipart body: more features than this come as one JSON part. */
  MULTIPART_PARTS: 1000,
  /** One line of a streamed CSV or NDJSON body; an unclosed quote must not swallow the whole stream. */
  LINE_BYTES: 1 * MIB,
  /** Rows of a run: at 1024 a stream of a million rows took 70 MB of V8's heap, at 256 18 MB and the same time. */
  CHUNK_ROWS: 256,
  /** A streamed body of up to about this many rows is answered whole or, when one is wrong, not at all (in 0.1 MB). */
  HELD_ROWS: 1000,
  /** Bytes of an image file: a photo of a camera. It is in memory twice while it is decoded. */
  IMAGE_BYTES: 10 * MIB,
  /**
   * Pixels of an image, looked up before decoding. The dearest kinds (PNG in RGB, progressive JPEG) take 14 bytes each for a
   * moment, codec and pixels together: 57 MB, beside engine and models in an isolate of 128 MB.
   */
  IMAGE_PIXELS: 4_000_000,
  /** Scans of a JPEG: a progressive one has about 10. 17 bytes make one more, which takes 1 ms at 6 million pixels. */
  JPEG_SCANS: 100,
  /** Memory a codec may keep for the next image (two of them begin with 16 MiB); past it the next gets a fresh codec. */
  CODEC_BYTES: 17 * MIB,
  /** Tensor elements of the images of one JSON body, held as float32 (16 MB): 27 of 224 by 224 pixels in colour. */
  IMAGE_ELEMENTS: 4_000_000,
  /** Tensor elements of one run (4 MB as float32): wide rows make the chunk smaller. */
  CHUNK_ELEMENTS: 1_000_000,
  /**
   * Bodies that requests of one isolate hold in memory while they arrive and wait: three of JSON of the largest size, about a
   * second of work. More are refused. Engine and models may take 80 of an isolate's 128 MB, its code about 10.
   */
  HELD_BYTES: 24 * MIB,
  /** Requests of one isolate that wait for a body, for storage or for a model; each takes about 6 KB besides its body. */
  GUESTS: 2000,
  /** What a streamed body and its answer hold: a chunk of rows, the rows held back, a line. */
  STREAM_BYTES: 256 * KIB,
  /** A request that has not moved for so long is thought to be cancelled. */
  GUEST_SILENT_MS: 30_000,
  /** Between two looks for such requests. */
  GUEST_SWEEP_MS: 1000,
  /** Seconds after which a caller that was refused should try again: what is going on is over sooner. */
  OVERLOADED_RETRY_SECONDS: 1,
  /** Tensor elements of one row (16 MB as float32, in memory a few times): an image of 1,150 by 1,150 pixels in colour. */
  ROW_ELEMENTS: 4_000_000,
  /** Issues listed in full in one error body; the rest are counted. */
  ISSUES_LISTED: 100,
  /** Characters of a caller's value that an error message repeats. */
  ECHO_CHARACTERS: 60,
  /** Characters of an X-Request-Id that is echoed; longer ones are replaced. */
  REQUEST_ID_CHARACTERS: 128,

  /** Seconds an isolate trusts what it read of a pipeline. With KV's own bound this keeps deactivation under 60 s. */
  PIPELINE_CACHE_SECONDS: 10,
  /** Seconds after which one request reads the pipeline anew, while the others go on with what is remembered. */
  PIPELINE_RENEW_SECONDS: 8,
  /** Seconds KV may serve a pipeline record from the edge cache: the least KV accepts. */
  KV_CACHE_SECONDS: 30,
  /** Pipelines an isolate remembers; a record is a few KB. */
  PIPELINE_CACHE_ENTRIES: 2000,
  /** Memory of loaded models in one isolate of 128 MB; the rest is the runtime (about 30 MB), code and requests. */
  SESSION_CACHE_BYTES: 64 * MIB,
  /** What one model counts for in it at most, so that the largest leaves room for the small ones in use. */
  SESSION_SHARE_BYTES: 48 * MIB,
  /** Memory of an engine at most (16 MiB of it are its own): past it a model is out of memory. An isolate has 128 MB in all. */
  ENGINE_MOST_BYTES: 112 * MIB,
  /** Memory of an engine from which a new one may be worth it; the old one's goes only when V8 collects it. */
  ENGINE_BYTES: 96 * MIB,
  /** Loads (2 to 1000 ms) between two new engines (70 ms, and the models in use are loaded again). */
  ENGINE_LOADS: 200,
  /** Bytes of models on their way into memory at a time: one of the largest or many small ones. */
  LOADING_BYTES: 25 * MIB,
  /** A model is read from storage in pieces of up to this size. */
  PIECE_BYTES: 256 * KIB,
  /** Without a piece for so long, a load is given up: storage or the request that loads is gone. */
  LOAD_STALL_MS: 5000,
  /**
   * How long KV may take with a record that is remembered, until the account object is asked instead: such a read takes below
   * half a second, and is over before the remembered record's time is (PIPELINE_CACHE_SECONDS − PIPELINE_RENEW_SECONDS).
   */
  RENEW_WAIT_MS: 1500,
  /** How long a request waits for the loads of others: 25 MiB from storage take a second or a few. */
  LOAD_WAIT_MS: 20_000,
  /** Seconds after which a caller should try again when a model cannot be loaded; until then it is not tried. */
  UNAVAILABLE_RETRY_SECONDS: 5,

  /** A KV value holds 25 MiB, and a model is one value. */
  MODEL_BYTES: 25 * MIB,
  /** Imports that run in one isolate: each holds its files and an engine of 20 MB or more. */
  IMPORTS_AT_ONCE: 2,
  /** How long an upload waits for others to end. */
  IMPORT_WAIT_MS: 30_000,
  /** A training CSV is read for names, types and ranges, not kept. */
  TRAINING_CSV_BYTES: 25 * MIB,
  /** Rows of the training CSV that are looked at: enough for ranges and agreement, bounded for time. */
  TRAINING_CSV_ROWS: 20_000,
  /** Columns of the training CSV. */
  TRAINING_CSV_COLUMNS: 2000,
  /** Graph inputs: one per column at the most. */
  GRAPH_INPUTS: 1000,
  /** Features of a model without training data: a manifest has some 100 bytes of each (DOCUMENT_BYTES). */
  FEATURES: 10_000,
  /** Values of a vector feature: as text about the longest line. A billion of them, stated in ten bytes, ended the process. */
  FEATURE_VALUES: 100_000,
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

  /** Versions of one model: a nightly training for three months; each keeps its manifest and report. */
  VERSIONS_PER_MODEL: 100,
  /** Characters of the name of a model or account. */
  DISPLAY_NAME_CHARACTERS: 100,
  /** A manifest, report or set of golden rows as JSON: SQLite in a Durable Object keeps values of up to 2 MB. */
  DOCUMENT_BYTES: 1_900_000,
  /** Items of one page of a list, where the caller does not say, and at most. */
  PAGE_ITEMS: 100,
  /** One page as JSON: an answer of the object may be 32 MiB, and a model may have thousands of features. */
  PAGE_BYTES: 8 * MIB,
  /** Entries of the audit log of one model; the oldest go first. */
  EVENTS_PER_MODEL: 1000,
  /** Entries of the audit log of an account, its deleted models included. */
  EVENTS_PER_ACCOUNT: 20_000,

  /** KV takes one write per second and key. */
  KV_WRITE_INTERVAL_MS: 1000,
  /** Until the second try of a KV write; each further one waits twice as long, so no longer than the outage lasted. */
  KV_RETRY_MS: 1000,
  /** Between two tries of a KV write, at most: what an owner waits after a long outage. */
  KV_RETRY_MAX_MS: 30_000,
  /** A KV write that has not answered is given up: it takes well below a second, 25 MiB a few. */
  KV_WRITE_TIMEOUT_MS: 20_000,
  /** KV writes of one account at the same time: a Worker may have six connections open. */
  KV_WRITES_AT_ONCE: 5,
  /** How long a call waits for KV where its caller would like the effect to be visible with the answer. */
  PUBLISH_WAIT_MS: 3000,
  /** Loading a model and running its golden rows, reading 25 MiB from KV included. */
  CHECK_TIMEOUT_MS: 30_000,
  /** Starts of a check without an end (the isolate died or it took too long) until the version counts as failed. */
  CHECK_STARTS: 3,
  /** How far the answers to golden rows may be from those at import, absolute and relative: float32, other kernels. */
  CHECK_TOLERANCE: 1e-4,

  /** The first count of a quiet account is told to its owner after so long: a newcomer sees their calls, a cap holds soon. */
  USAGE_FIRST_MS: 1000,
  /** Between two reports of an isolate about one account: 8,640 a day, of the 100,000 calls of objects that the free plan has. */
  USAGE_INTERVAL_MS: 10_000,
  /** Calls and predictions after which an isolate reports at once: what its death loses at most, besides the interval. */
  USAGE_COUNTS: 10_000,
  /** A report that has not been answered counts as lost, and is sent again under its number. */
  USAGE_SEND_MS: 5000,
  /** Before the second try of a report. First wait, two tries and this stay below the 30 s that work after an answer has. */
  USAGE_RETRY_MS: 2000,
  /** Pipelines that an isolate counts for: as many as it remembers. */
  USAGE_METERS: 2000,
  /** Reports an account object remembers, to tell one that comes twice: some minutes of a hundred isolates. */
  USAGE_REPORTS: 1000,
  /** Hours of usage that are kept: today, yesterday, and the same hour before. */
  USAGE_HOURS: 48,
  /** Origins of pages listed per pipeline; the header is the caller's to write, so the rest is only counted. */
  PAGE_ORIGINS: 20,
  /** Characters of an origin's host: a name has 253 at most, and one that is longer than this is nobody's to read. */
  ORIGIN_CHARACTERS: 100,
  /** Days that a page's calls are shown after the last of them. */
  PAGE_DAYS: 7,
  /** Calls of one pipeline in one Cloudflare location per period of the limiter: 5,000 a second, an isolate's half. */
  RATE_CALLS: 50_000,
  /** The period of the limiter; the platform knows 10 and 60. */
  RATE_PERIOD_SECONDS: 10,
  /** Calls that one question to the limiter stands for: a question costs a promise and work after the answer. */
  RATE_CALLS_PER_ASK: 10,
  /** How long a rotated URL may go on serving: a week for the slowest deployment of a caller. */
  ROTATE_GRACE_SECONDS: 7 * 24 * 3600,

  /** An admin token shorter than this could be guessed. */
  ADMIN_TOKEN_CHARACTERS: 32,
  /** A JSON body of the management API: a manifest of some thousand features. */
  MANAGEMENT_BODY_BYTES: 2 * MIB,

  /** Seconds for which an isolate trusts the account object's word on a pipeline that is just being changed. */
  DOUBT_CACHE_SECONDS: 1,
  /** Seconds after a deactivation, rotation or new version during which this isolate asks the account object and not KV. */
  DOUBT_SECONDS: 60,
  /** Secrets an isolate doubts at a time. */
  DOUBTS: 1000,
  /** Questions to the account object about one secret that is switched off, per second and isolate. */
  ASKS_PER_SECOND: 20,
} as const;

/**
 * What an account may have; `active` counts pipelines that are active or deploying, the tutorial not among them. `daily`
 * are predictions of one pipeline per UTC day where its owner has set no cap, `daily_most` is the highest they may set.
 */
export const PLANS = {
  /** One live model shows what Postern does; the others of a hyperparameter search can be tried by switching. */
  trial: { active: 1, models: 200, daily: 1_000_000, daily_most: 1_000_000 },
  /** 100 live models are what the contract promises; ten times as many to choose from. */
  standard: { active: 100, models: 1000, daily: 10_000_000, daily_most: 1_000_000_000 },
} as const;

export type PlanName = keyof typeof PLANS;
