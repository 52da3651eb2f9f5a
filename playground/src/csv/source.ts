// A file as pieces of strict UTF-8 text. What is no such text is said in words that help, never guessed at.

/** Why a file cannot be read, as a sentence for the person who chose it. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** A byte order mark comes through: whoever writes the file again may want it. @throws UnreadableFile */
export async function* readText(file: Blob, signal: AbortSignal): AsyncGenerator<string, undefined> {
  const begin = new Uint8Array(await readBegin(file));
  const wrong = findWrongKind(begin);
  if (wrong !== null) throw new UnreadableFile(wrong);
  const decoder = new TextDecoderStream('utf-8', { fatal: true, ignoreBOM: true });
  const reader = file.stream().pipeThrough(decoder, { signal }).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw new UnreadableFile(error instanceof TypeError ? NOT_UTF8 : CHANGED);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const NOT_UTF8 = 'The file is not UTF-8 text. Save it as "CSV UTF-8" and choose it again.';
const CHANGED = 'The browser can no longer read the file. Was it moved or changed? Choose it again.';

async function readBegin(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.slice(0, 4).arrayBuffer();
  } catch {
    throw new UnreadableFile(CHANGED);
  }
}

function findWrongKind(begin: Uint8Array): string | null {
  const [a = 0, b = 0, c = 0, d = 0] = begin;
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) {
    return 'This is a spreadsheet or a ZIP file, not a CSV. In the spreadsheet, save the sheet as "CSV UTF-8".';
  }
  // Both byte order marks of UTF-16 begin with a byte that no UTF-8 text holds.
  if (a >= 0xfe) return 'The file is UTF-16 text. Save it as "CSV UTF-8" and choose it again.';
  if (a === 0x1f && b === 0x8b) return 'The file is compressed. Unpack it and choose the CSV inside.';
  return null;
}
