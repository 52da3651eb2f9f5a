// The chunks of a PNG (PNG specification, 3rd edition, 5): size and kind, and whether the file is whole. The codec would
// take some broken files for good, and draw what is left of them.
import { AppError } from '../errors.ts';

const SIGNATURE_BYTES = 8;

/** @throws AppError malformed_body, unsupported_image. */
export function readPng(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { width: number; height: number } | null = null;
  let hasPixels = false;
  for (let at = SIGNATURE_BYTES; ; ) {
    if (at + 12 > bytes.length) throw toMalformed('is cut off');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (!/^[A-Za-z]{4}$/.test(type)) throw toMalformed(`has no chunk where one should begin, at byte ${at + 1}`);
    if (end + 4 > bytes.length) throw toMalformed(`is cut off in its chunk ${type}`);
    // Of pixels that are too many only the head is looked at: the sum of a bomb is not worth its time.
    if (size === null && type !== 'IHDR') throw toMalformed('does not begin with the chunk IHDR');
    if (toCrc(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw toMalformed(`has a wrong checksum in its chunk ${type}`);
    }
    if (type === 'IHDR' && length >= 13) size ??= { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (type === 'acTL') {
      throw new AppError('unsupported_image', 'The PNG is animated (APNG). Send one picture of it.');
    }
    if (type === 'IDAT') hasPixels = true;
    if (type === 'IEND') break;
    at = end + 4;
  }
  if (size === null || !hasPixels) throw toMalformed('holds no pixels');
  return size;
}

/** CRC-32 by byte, as the PNG specification's annex D has it. */
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function toCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i += 1) crc = (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function toMalformed(what: string): AppError {
  return new AppError('malformed_body', `The PNG ${what}.`);
}
