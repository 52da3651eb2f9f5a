// Every kind of image against what Pillow reads, byte for byte; damaged and foreign files are refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../worker/errors.ts';
import { decodeImage } from '../../../worker/image/decode.ts';
import { readHeader } from '../../../worker/image/header.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { EXPECTED, FILES, fromBase64, readImage, toRgb } from './expected.ts';

const CASES = Object.entries(EXPECTED.images);

describe('reads as Pillow does', () => {
  it.each(CASES)('%s', async (name, { width, height, rgb }) => {
    const bytes = readImage(name);
    expect(readHeader(bytes)).toMatchObject({ width, height });
    const pixels = await decodeImage(bytes);
    expect(pixels).toMatchObject({ width, height });
    expect(toRgb(pixels.data)).toEqual(fromBase64(rgb));
  });
});

describe('refuses', () => {
  it.each([
    ['bad-crc.png', 'malformed_body', /checksum.*IDAT/],
    ['bad-cut.png', 'malformed_body', /cut off/],
    ['bad-short.png', 'malformed_body', /PNG/],
    ['bad-text.png', 'malformed_body', /text/],
    ['bad-cut.jpg', 'malformed_body', /cut off/],
    ['bad-cut-thumbnail.jpg', 'malformed_body', /cut off/],
    ['bad-cut.webp', 'malformed_body', /cut off/],
    ['bad-bomb.png', 'body_too_large', new RegExp(String(LIMITS.IMAGE_PIXELS))],
    ['bad-cmyk.jpg', 'unsupported_image', /CMYK/],
    ['bad-animated.png', 'unsupported_image', /animated/],
    ['bad-animated.webp', 'unsupported_image', /animated/],
    ['bad-kind.gif', 'unsupported_image', /GIF/],
    ['bad-kind.bmp', 'unsupported_image', /BMP/],
    ['bad-kind.tiff', 'unsupported_image', /TIFF/],
  ])('%s', async (name, code, message) => {
    const error: unknown = await decodeImage(readImage(name)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('a JPEG of ever more scans, which a few bytes make slow', async () => {
    const jpeg = readImage('progressive.jpg');
    const scan = Buffer.from('ffda000801010001053f7f', 'hex');
    const scans = Array.from({ length: LIMITS.JPEG_SCANS }, () => scan);
    const bomb = Buffer.concat([jpeg.subarray(0, -2), ...scans, jpeg.subarray(-2)]);
    const error: unknown = await decodeImage(new Uint8Array(bomb)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unsupported_image', message: expect.stringMatching(/scans/) });
  });

  it('too many bytes', async () => {
    const error: unknown = await decodeImage(new Uint8Array(LIMITS.IMAGE_BYTES + 1)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'body_too_large' });
  });
});

const small = FILES.filter((name) => /\.(png|jpg|webp)$/.test(name)).map(readImage);

it('answers any mutation of a file with pixels or an AppError, and reads the next file as before', async () => {
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
  const mutation = fc.record({
    file: fc.constantFrom(...small),
    edits: fc.array(edit, { maxLength: 8 }),
    keep: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  });
  const property = fc.asyncProperty(mutation, async ({ file, edits, keep }) => {
    const bytes = file.slice(0, keep === null ? file.length : Math.floor(keep * file.length));
    for (const { at, byte } of edits) bytes[Math.floor(at * (bytes.length - 1))] = byte;
    const outcome: unknown = await decodeImage(bytes).catch((thrown: unknown) => thrown);
    if (outcome instanceof Error && !(outcome instanceof AppError)) throw outcome;
  });
  await fc.assert(property, { numRuns: 1000 });
  for (const name of ['rgb.png', 'baseline.jpg', 'lossless.webp']) {
    const { data } = await decodeImage(readImage(name));
    expect(toRgb(data)).toEqual(fromBase64(EXPECTED.images[name]?.rgb ?? ''));
  }
});

it('answers any bytes behind the first ones of a format with an AppError', async () => {
  const starts = ['89504e470d0a1a0a', 'ffd8ff', '52494646ffff000057454250', ''].map((hex) => Buffer.from(hex, 'hex'));
  const property = fc.asyncProperty(
    fc.constantFrom(...starts),
    fc.uint8Array({ maxLength: 200 }),
    async (start, rest) => {
      const bytes = new Uint8Array(Buffer.concat([start, rest]));
      const outcome: unknown = await decodeImage(bytes).catch((thrown: unknown) => thrown);
      expect(outcome).toBeInstanceOf(AppError);
    },
  );
  await fc.assert(property, { numRuns: 1000 });
});
