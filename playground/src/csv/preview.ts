// The first rows of a file and what was answered, as a table shows them. Pure.
import type { PipelineSchema } from '../../../worker/contract.ts';
import { splitCells } from './header.ts';
import type { Answered } from './run.ts';

const PREVIEW_ROWS = 100;
/** Columns of the file that are shown: a table of hundreds says nothing. */
const PREVIEW_COLUMNS = 12;

export interface Preview {
  /** Of the file. */
  readonly columns: readonly { readonly name: string; readonly isNumeric: boolean; readonly isLabel: boolean }[];
  readonly hiddenColumns: number;
  readonly isNumbers: boolean;
  /** Of the answers, without probabilities. */
  readonly predicted: readonly string[];
  readonly rows: readonly PreviewRow[];
}

export interface PreviewRow {
  readonly row: number;
  readonly inputs: readonly string[];
  readonly prediction: readonly string[];
  /** Of the predicted class. */
  readonly probability: number | null;
}

export function appendPreview(before: Preview | null, { chunk, answers }: Answered, schema: PipelineSchema): Preview {
  if (before !== null && before.rows.length >= PREVIEW_ROWS) return before;
  const { columns, delimiter } = chunk.header;
  const isClasses = schema.task === 'classification';
  const names = (schema.classes ?? []).map(String);
  const rows = answers.cells.slice(0, PREVIEW_ROWS - (before?.rows.length ?? 0)).map((cells, i): PreviewRow => {
    const share = isClasses && cells.length > 1 ? cells[names.indexOf(cells[0] ?? '') + 1] : undefined;
    return {
      row: chunk.firstRow + i,
      inputs: splitCells(chunk.records[i] ?? '', delimiter).slice(0, PREVIEW_COLUMNS),
      prediction: isClasses ? cells.slice(0, 1) : cells.slice(0, PREVIEW_COLUMNS),
      probability: share === undefined ? null : Number(share),
    };
  });
  return {
    columns: columns
      .slice(0, PREVIEW_COLUMNS)
      .map(({ name, isNumeric, role }) => ({ name, isNumeric, isLabel: role === 'label' })),
    hiddenColumns: Math.max(0, columns.length - PREVIEW_COLUMNS),
    isNumbers: !isClasses,
    predicted: answers.columns.slice(0, isClasses ? 1 : PREVIEW_COLUMNS),
    rows: [...(before?.rows ?? []), ...rows],
  };
}
