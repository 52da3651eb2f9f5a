// What was dropped: told apart by the ending, and refused before it is sent where it cannot be taken.
import { MAX_FILE_BYTES, toSize } from '../words.ts';

export type FilePart = 'model' | 'data' | 'labels';

export interface SortedFiles {
  readonly taken: Partial<Record<FilePart, File>>;
  /** Sentences about what was not taken. */
  readonly refused: readonly string[];
}

const ENDINGS: Record<string, FilePart> = { onnx: 'model', csv: 'data', tsv: 'data', txt: 'labels' };
/** Class names count as text, of which an upload may have 2 MiB. */
const MAX_BYTES: Record<FilePart, number> = { model: MAX_FILE_BYTES, data: MAX_FILE_BYTES, labels: 2 * 2 ** 20 };

export function sortFiles(files: readonly File[]): SortedFiles {
  const taken: Partial<Record<FilePart, File>> = {};
  const refused: string[] = [];
  for (const file of files) {
    const part = ENDINGS[file.name.split('.').at(-1)?.toLowerCase() ?? ''];
    const why = findFault(file, part, taken);
    if (why !== null) refused.push(`${file.name} ${why}`);
    else if (part !== undefined) taken[part] = file;
  }
  return { taken, refused };
}

function findFault(file: File, part: FilePart | undefined, taken: Partial<Record<FilePart, File>>): string | null {
  if (part === undefined) return 'is neither an .onnx file, nor a .csv, nor class names in a .txt.';
  if (taken[part] !== undefined) return `was left out: ${taken[part].name} came with it, and one is enough.`;
  if (file.size === 0) return 'is empty.';
  if (file.size <= MAX_BYTES[part]) return null;
  const advice =
    part === 'data'
      ? 'A few thousand rows are enough.'
      : part === 'model'
        ? 'Quantise its weights, or train it smaller.'
        : '';
  return `has ${toSize(file.size)}; at most ${toSize(MAX_BYTES[part])} can be taken. ${advice}`.trim();
}

/** The name of a model, from its file. */
export function toModelName(file: File): string {
  return file.name.replace(/\.onnx$/i, '').slice(0, 100);
}
