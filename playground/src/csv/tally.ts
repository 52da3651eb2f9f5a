// What a run has come to: counted as answers come, in memory that does not grow with them but for the downloads.
import type { PipelineSchema } from '../../../worker/contract.ts';
import { createDownloads, type Downloads } from './downloads.ts';
import { appendPreview, type Preview } from './preview.ts';
import { createRate } from './rate.ts';
import type { Answered } from './run.ts';
import { createSummary, type Summary } from './summary.ts';

/** Between two summaries: a chart that moves ten times a second can neither be read nor drawn. */
const SUMMARY_MS = 700;

export interface Counted {
  readonly rows: number;
  /** Of the file, that is answered: 0 to 1. */
  readonly share: number;
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** How long it has run, the time between "stopped" and "go on" left out. */
  readonly seconds: number;
  readonly summary: Summary | null;
  readonly preview: Preview | null;
}

export interface Tally {
  readonly downloads: Downloads;
  /** Begins to count time, at first and when it goes on. */
  begin(): void;
  add(answered: Answered): void;
  count(): Counted;
  /** Stops to count time; the summary is that of the last row. */
  end(isWhole: boolean): Counted;
}

export function createTally(file: File, schema: PipelineSchema, now: () => number): Tally {
  const summary = createSummary(schema);
  const downloads = createDownloads(schema, file.name);
  let rate = createRate(now());
  let preview: Preview | null = null;
  let latest: Summary | null = null;
  let latestAt = Number.NEGATIVE_INFINITY;
  let rows = 0;
  let bytes = 0;
  let secondsBefore = 0;
  let begun = now();

  const count = (): Counted => {
    if (rows > 0 && now() - latestAt >= SUMMARY_MS) {
      latest = summary.toSummary();
      latestAt = now();
    }
    const speed = rate.get(now());
    return {
      rows,
      share: Math.min(bytes / Math.max(file.size, 1), 1),
      rowsPerSecond: speed?.rows ?? null,
      secondsLeft: speed === null || speed.bytes === 0 ? null : Math.max(0, file.size - bytes) / speed.bytes,
      seconds: secondsBefore + (now() - begun) / 1000,
      summary: latest,
      preview,
    };
  };

  return {
    downloads,
    begin() {
      begun = now();
      rate = createRate(begun, rows, bytes);
    },
    add(answered) {
      downloads.add(answered);
      summary.add(answered.answers);
      preview = appendPreview(preview, answered, schema);
      rows += answered.chunk.records.length;
      bytes += answered.chunk.bytes;
      rate.add(now(), rows, bytes);
    },
    count,
    end(isWhole) {
      latestAt = Number.NEGATIVE_INFINITY;
      const counted = count();
      secondsBefore = counted.seconds;
      return { ...counted, secondsLeft: null, ...(isWhole ? { share: 1 } : {}) };
    },
  };
}
