// What each part of the bench reports: a section of docs/performance.md, and the same as data.

export interface Section {
  readonly title: string;
  /** For the terminal as well. */
  readonly table: string;
  /** What the numbers mean, as Markdown. */
  readonly text: string;
  /** Entries of the one JSON object. */
  readonly json: Readonly<Record<string, object>>;
}

/** Numbers as the JSON has them: no more digits than mean something. */
export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
