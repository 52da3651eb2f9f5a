// The markers of a JPEG (ITU-T T.81, B.2): size and kind, and whether the file is whole. EXIF orientation is not looked
// at, as Pillow does not apply it: a model sees what it saw in training.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

interface Size {
  width: number;
  height: number;
}

const SCAN = 0xda;
const END = 0xd9;

/** Markers without a length: TEM, RST0 to RST7, SOI. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** @throws AppError malformed_body, unsupported_image. */
export function readJpeg(bytes: Uint8Array): Size {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: Size | null = null;
  let scans = 0;
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1];
    if (marker === undefined) throw toMalformed('is cut off');
    if (bytes[at] !== 0xff) throw toMalformed(`has no marker where one should begin, at byte ${at + 1}`);
    if (marker === END) {
      if (size === null || scans === 0) throw toMalformed('ends before its pixels');
      return size;
    }
    if (isBare(marker)) {
      at += 2;
      continue;
    }
    if (at + 4 > bytes.length) throw toMalformed('is cut off');
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw toMalformed('is cut off');
    if (isFrame(marker)) size ??= readFrame(view, at, marker, length);
    at += 2 + length;
    if (marker !== SCAN) continue;
    if (size === null) throw toMalformed('has no frame header before its pixels');
    scans += 1;
    if (scans > LIMITS.JPEG_SCANS) throw toUnsupported(`has more than ${LIMITS.JPEG_SCANS} scans`);
    at = skipScan(bytes, at);
  }
}

function readFrame(view: DataView, at: number, marker: number, length: number): Size {
  if (length < 8) throw toMalformed('has a frame header that is too short');
  const precision = view.getUint8(at + 4);
  const components = view.getUint8(at + 9);
  if (marker !== 0xc0 && marker !== 0xc1 && marker !== 0xc2) throw toUnsupported('is lossless or arithmetically coded');
  if (precision !== 8) throw toUnsupported(`has ${precision} bits a sample`);
  if (components !== 1 && components !== 3) throw toUnsupported('is in CMYK');
  return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
}

/**
 * @returns where the next marker stands. What lacks the end would be grey from there on; the end of a thumbnail, in a
 * segment before, is not it. Cameras write more behind the end.
 */
function skipScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    const isData = next === 0x00 || next === 0xff || (next !== undefined && next >= 0xd0 && next <= 0xd7);
    if (!isData && next !== undefined) return at;
  }
  throw toMalformed('is cut off: it has no end marker');
}

function toMalformed(what: string): AppError {
  return new AppError('malformed_body', `The JPEG ${what}.`);
}

function toUnsupported(what: string): AppError {
  return new AppError('unsupported_image', `The JPEG ${what}. Save it as an ordinary one: 8 bits, RGB or grey.`);
}
