import { expect, it } from 'vitest';
import { readText } from '../../../worker/decode/read.ts';
import { createByteStream } from '../../support/byte-stream.ts';
import { catchError, toBody } from './support.ts';

it('reads text, without its byte order mark, whatever the chunks', async () => {
  for (const sizes of [[1], [2, 3], [100]]) {
    expect(await readText(toBody('\uFEFFé😀x', sizes).body, 100, 'The body')).toBe('é😀x');
  }
  expect(await readText(null, 100, 'The body')).toBe('');
});

it('counts bytes, not characters, and throws away what is over the limit', async () => {
  expect(await readText(toBody('éé', [1]).body, 4, 'The body')).toBe('éé');
  const { body, state } = toBody('é'.repeat(1000), [3]);
  const error = await catchError(() => readText(body, 4, 'The body'));
  expect(error).toMatchObject({ code: 'body_too_large', message: expect.stringContaining('larger than 4 bytes') });
  // Read to its end: its client is still sending, and is to hear the answer.
  expect(state.cancelled).toBe(false);
  const endless = createByteStream(() => new Uint8Array(1 << 20));
  expect(await catchError(() => readText(endless, 4, 'The body'))).toMatchObject({ code: 'body_too_large' });
});

it('names the byte that is not UTF-8', async () => {
  const bytes = new TextEncoder().encode('ab😀cd');
  bytes[3] = 0x41;
  for (const sizes of [[1], [3], [4, 1], [100]]) {
    const error = await catchError(() => readText(toBody(bytes, sizes).body, 100, 'The body'));
    expect(error).toMatchObject({ code: 'malformed_body' });
    expect(error.message).toContain('The body is not UTF-8 text: byte 4 does');
  }
});
