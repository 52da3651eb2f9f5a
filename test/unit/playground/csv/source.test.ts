// A file as text, or an honest word on why not.
import { describe, expect, it } from 'vitest';
import { readText } from '../../../../playground/src/csv/source.ts';
import { collect } from './support.ts';

const read = async (...parts: BlobPart[]) =>
  (await collect(readText(new Blob(parts), new AbortController().signal))).join('');

describe('the text of a file', () => {
  it('is UTF-8, its byte order mark included', async () => {
    const text = '\uFEFFnäme,😀\n'.repeat(20_000);
    expect(await read(text)).toBe(text);
  });

  it.each([
    ['Latin-1', [0x61, 0xe9, 0x2c], /not UTF-8 text/],
    ['a character that is cut off', [0x61, 0xc3], /not UTF-8 text/],
    ['UTF-16', [0xff, 0xfe, 0x61, 0], /UTF-16/],
    ['a spreadsheet', [0x50, 0x4b, 3, 4, 0], /spreadsheet/],
    ['gzip', [0x1f, 0x8b, 8, 0], /compressed/],
  ])('is not %s', async (_name, bytes, message) => {
    await expect(read(new Uint8Array(bytes))).rejects.toThrow(message);
  });

  it('ends when nobody wants it', async () => {
    const stop = new AbortController();
    const texts = readText(new Blob(['x'.repeat(1_000_000)]), stop.signal);
    await texts.next();
    stop.abort();
    await expect(collect(texts)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
