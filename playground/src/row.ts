// One set of feature values as the form holds it and a request carries it.

/** null: left out, which only optional features may be. An image is a Blob (a File where it came from one). */
export type RowValue = string | number | boolean | readonly number[] | Blob | null;
export type Row = Readonly<Record<string, RowValue>>;
