// The frame header of a JPEG (ITU-T T.81, B.2): size and kind. EXIF orientation is not looked at, as Pillow does not
// apply it: a model sees what it saw in training.
import { AppError } from '../errors.ts';

/** Markers without a length: TEM, RST0 to RST7, SOI. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** @throws AppError malformed_body, unsupported_image. */
export function readJpeg(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1];
    if (marker === undefined || at + 4 > bytes.length) throw toMalformed('is cut off');
    if (bytes[at] !== 0xff) throw toMalformed(`has no marker where one should begin, at byte ${at + 1}`);
    if (isBare(marker)) {
      at += 2;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) throw toMalformed('has no frame header before its pixels');
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw toMalformed('is cut off');
    if (!isFrame(marker)) {
      at += 2 + length;
      continue;
    }
    if (length < 8) throw toMalformed('has a frame header that is too short');
    const precision = bytes[at + 4] ?? 0;
    const components = bytes[at + 9] ?? 0;
    if (marker !== 0xc0 && marker !== 0xc1 && marker !== 0xc2)
      throw toUnsupported('is lossless or arithmetically coded');
    if (precision !== 8) throw toUnsupported(`has ${precision} bits a sample`);
    if (components !== 1 && components !== 3) throw toUnsupported('is in CMYK');
    checkEnd(bytes);
    return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
}

/** Cameras write more behind the end; what lacks the end is cut off, and would be grey from there on. */
function checkEnd(bytes: Uint8Array): void {
  for (let at = bytes.length - 2; at >= 2; at -= 1) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return;
  throw toMalformed('is cut off: it has no end marker');
}

function toMalformed(what: string): AppError {
  return new AppError('malformed_body', `The JPEG ${what}.`);
}

function toUnsupported(what: string): AppError {
  return new AppError('unsupported_image', `The JPEG ${what}. Save it as an ordinary one: 8 bits, RGB or grey.`);
}
