// The first line of a CSV, read as the API reads it: the line break, the delimiter, and what each column is. Pure.
import Papa from 'papaparse';
import type { PipelineSchema } from '../../../worker/contract.ts';

export type Newline = '\n' | '\r\n' | '\r';

export interface CsvColumn {
  readonly name: string;
  readonly role: 'feature' | 'label' | 'unknown';
  /** Whether the pipeline reads numbers here. */
  readonly isNumeric: boolean;
}

export interface CsvHeader {
  /** As it stands in the file, without its line break. */
  readonly text: string;
  readonly newline: Newline;
  readonly delimiter: string;
  readonly columns: readonly CsvColumn[];
}

/** Of equals the first. */
const DELIMITERS = [',', ';', '\t', '|'];

/** Where the first line ends, quotes considered. @returns null where the text does not hold all of it. */
export function findHeaderEnd(text: string, isLast: boolean): { end: number; newline: Newline } | null {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '\n') return { end: at, newline: '\n' };
    else if (character === '\r') {
      if (at + 1 === text.length && !isLast) return null;
      return { end: at, newline: text[at + 1] === '\n' ? '\r\n' : '\r' };
    }
  }
  return isLast ? { end: text.length, newline: '\n' } : null;
}

/** Known names decide which delimiter it is; where none is known, the most columns do. */
export function parseHeader(text: string, newline: Newline, schema: PipelineSchema): CsvHeader {
  const candidates = DELIMITERS.map((delimiter) => {
    const columns = splitCells(text, delimiter).map((name) => toColumn(name, schema));
    return { text, newline, delimiter, columns, known: columns.filter(({ role }) => role !== 'unknown').length };
  });
  candidates.sort((a, b) => b.known - a.known || b.columns.length - a.columns.length);
  const { delimiter = ',', columns = [] } = candidates[0] ?? {};
  return { text, newline, delimiter, columns };
}

/** The cells of one record. */
export function splitCells(record: string, delimiter: string): string[] {
  if (!record.includes('"')) return record.split(delimiter);
  // Within a record nothing ends a line, so that the line breaks of quoted cells stay.
  const { data } = new Papa.Parser({ delimiter, newline: '\r\n' }).parse(record, 0, false) as { data: string[][] };
  return data.flat();
}

function toColumn(name: string, { features, label }: PipelineSchema): CsvColumn {
  const labels = [label ?? []].flat();
  for (const known of [name, name.trim()]) {
    const feature = features.find((each) => each.name === known);
    if (feature !== undefined) {
      return { name: known, role: 'feature', isNumeric: feature.type === 'number' || feature.type === 'integer' };
    }
    if (labels.includes(known)) return { name: known, role: 'label', isNumeric: false };
  }
  return { name, role: 'unknown', isNumeric: false };
}
