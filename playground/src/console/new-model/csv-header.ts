// The names in the first row of a CSV, read in the browser: enough to choose the label from.
import Papa from 'papaparse';

/** A header of 2,000 columns fits. */
const HEAD_BYTES = 256 * 1024;

/** @returns an empty list where the file has no row. */
export async function readHeader(file: Blob): Promise<string[]> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return parseHeader(toText(bytes));
}

export function parseHeader(text: string): string[] {
  const { data } = Papa.parse<string[]>(text.trimStart(), { preview: 1, skipEmptyLines: 'greedy' });
  const names = (data[0] ?? []).map((name) => name.trim()).filter((name) => name !== '');
  return [...new Set(names)];
}

function toText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  // The head may end inside a character; a foreign encoding shows earlier than that.
  return text.slice(0, -4).includes('\ufffd') ? new TextDecoder('windows-1252').decode(bytes) : text;
}
