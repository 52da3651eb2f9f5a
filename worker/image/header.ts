// What an image says of itself in its first bytes, read before anything is decoded: what cannot be decoded, or would not
// fit in memory, is refused in microseconds. Names and media types are never looked at.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { readJpeg } from './jpeg.ts';
import { readPng } from './png.ts';
import { readWebp } from './webp.ts';

export interface ImageHeader {
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly width: number;
  readonly height: number;
}

/** @throws AppError malformed_body, unsupported_image or body_too_large. */
export function readHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw toBadImage('The image is empty');
  if (bytes.length > LIMITS.IMAGE_BYTES) {
    throw new AppError('body_too_large', `The image has ${bytes.length} bytes; it may have ${LIMITS.IMAGE_BYTES}.`);
  }
  const header = readKnown(bytes);
  const { width, height } = header;
  if (width === 0 || height === 0) throw toBadImage('The image has no pixels');
  if (width * height > LIMITS.IMAGE_PIXELS) {
    throw new AppError(
      'body_too_large',
      `The image has ${width} by ${height} pixels; ${LIMITS.IMAGE_PIXELS} in all can be read. Send it smaller: the model shrinks it anyway.`,
    );
  }
  return header;
}

function readKnown(bytes: Uint8Array): ImageHeader {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return { format: 'png', ...readPng(bytes) };
  if (startsWith(bytes, '\xff\xd8\xff')) return { format: 'jpeg', ...readJpeg(bytes) };
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return { format: 'webp', ...readWebp(bytes) };
  const other = OTHERS.find(({ magic, at }) => startsWith(bytes, magic, at));
  if (other !== undefined) {
    throw new AppError('unsupported_image', `The file is ${other.name}. Send PNG, JPEG or WebP.`);
  }
  const isText = bytes.subarray(0, 64).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  throw toBadImage(isText ? 'The file is a text, not an image' : 'The file is no image that is known here');
}

const OTHERS = [
  { name: 'a GIF', magic: 'GIF8', at: 0 },
  { name: 'a BMP', magic: 'BM', at: 0 },
  { name: 'a TIFF', magic: 'II*\0', at: 0 },
  { name: 'a TIFF', magic: 'MM\0*', at: 0 },
  { name: 'an AVIF', magic: 'ftypavif', at: 4 },
  { name: 'a HEIC', magic: 'ftyphei', at: 4 },
  { name: 'a HEIC', magic: 'ftypmif1', at: 4 },
  { name: 'a JPEG XL', magic: '\xff\x0a', at: 0 },
  { name: 'a JPEG 2000', magic: '\0\0\0\x0cjP', at: 0 },
  { name: 'a PDF', magic: '%PDF', at: 0 },
  { name: 'an SVG', magic: '<svg', at: 0 },
  { name: 'an SVG or another XML', magic: '<?xml', at: 0 },
] as const;

function startsWith(bytes: Uint8Array, magic: string, at = 0): boolean {
  for (let i = 0; i < magic.length; i += 1) if (bytes[at + i] !== magic.charCodeAt(i)) return false;
  return true;
}

function toBadImage(what: string): AppError {
  return new AppError('malformed_body', `${what}. Send PNG, JPEG or WebP.`);
}
