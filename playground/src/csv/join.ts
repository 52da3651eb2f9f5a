// The rows of the file with their predictions beside them, in the file's own dialect: its delimiter, its line breaks, and
// its decimal commas where it has them. Pure.
import Papa from 'papaparse';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Chunk } from './chunks.ts';
import { splitCells } from './header.ts';
import type { Answered } from './run.ts';

const DECIMAL_COMMA = /^\s*[+-]?\d*,\d+(?:e[+-]?\d+)?\s*$/i;

/** Text that begins with the header for the first answers, and goes on with rows. */
export type Join = (answered: Answered) => string;

export function createJoin(schema: PipelineSchema): Join {
  let toCells: ((line: string, cells: readonly string[]) => string) | null = null;
  return ({ chunk, answers }) => {
    const { header, hasMark, records } = chunk;
    const { delimiter, newline } = header;
    let text = '';
    if (toCells === null) {
      const names = answers.columns.map((name) => toFreeName(name, chunk));
      text = `${hasMark ? '\uFEFF' : ''}${header.text}${delimiter}${encode(names, delimiter)}${newline}`;
      toCells = createCellWriter(schema, chunk);
    }
    for (const [i, line] of answers.lines.entries()) {
      text += `${records[i]}${delimiter}${toCells(line, answers.cells[i] ?? [])}${newline}`;
    }
    return text;
  };
}

function createCellWriter({ task }: PipelineSchema, chunk: Chunk) {
  const { delimiter } = chunk.header;
  if (delimiter === ',') return (line: string) => line;
  const isComma = hasDecimalCommas(chunk);
  return (_line: string, cells: readonly string[]) =>
    encode(
      isComma ? cells.map((cell, i) => (i === 0 && task === 'classification' ? cell : cell.replace('.', ','))) : cells,
      delimiter,
    );
}

function hasDecimalCommas({ header: { columns, delimiter }, records }: Chunk): boolean {
  return records.some((record) =>
    splitCells(record, delimiter).some((cell, i) => columns[i]?.isNumeric === true && DECIMAL_COMMA.test(cell)),
  );
}

/** A training file may have the labels that are predicted: two columns of one name would be mistaken for each other. */
function toFreeName(name: string, { header: { columns } }: Chunk): string {
  return columns.some((column) => column.name === name) ? `predicted_${name}` : name;
}

function encode(cells: readonly string[], delimiter: string): string {
  return Papa.unparse([cells as string[]], { delimiter });
}
