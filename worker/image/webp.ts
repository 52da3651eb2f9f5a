// The head of a WebP (RFC 9649): size and kind.
import { AppError } from '../errors.ts';

const ANIMATION = 0x02;

/** @throws AppError malformed_body, unsupported_image. */
export function readWebp(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length + 1) throw toMalformed('is cut off');
  const kind = String.fromCharCode(...bytes.subarray(12, 16));
  if (kind === 'VP8X') {
    if (((bytes[20] ?? 0) & ANIMATION) !== 0) {
      throw new AppError('unsupported_image', 'The WebP is animated. Send one picture of it.');
    }
    const read24 = (at: number): number => view.getUint16(at, true) + ((bytes[at + 2] ?? 0) << 16) + 1;
    return { width: read24(24), height: read24(27) };
  }
  if (kind === 'VP8L') {
    if (bytes[20] !== 0x2f) throw toMalformed('has no lossless signature');
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8 ') throw toMalformed('has no picture');
  if (view.getUint16(23, true) !== 0x019d || bytes[25] !== 0x2a) throw toMalformed('has no start code');
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function toMalformed(what: string): AppError {
  return new AppError('malformed_body', `The WebP ${what}.`);
}
