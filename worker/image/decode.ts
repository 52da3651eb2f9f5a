// Image bytes → pixels, by codecs of WebAssembly that came with the Worker. A codec is kept for the next image unless a
// large one has made its memory grow: WebAssembly memory never shrinks, but an instance can be let go.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Codec, createJpegCodec, createPngCodec, createWebpCodec } from './codecs.ts';
import { type ImageHeader, readHeader } from './header.ts';

/** 8 bits a channel, RGBA, row by row, alpha straight. 16-bit samples are cut to their high byte, as Pillow does. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

const CREATE: Record<ImageHeader['format'], () => Promise<Codec>> = {
  png: createPngCodec,
  jpeg: createJpegCodec,
  webp: createWebpCodec,
};

/** Codecs of this isolate that are free. One is taken out while it works, so that no two images meet in it. */
const idle = new Map<ImageHeader['format'], Codec>();

/** @throws AppError malformed_body, unsupported_image or body_too_large. */
export async function decodeImage(bytes: Uint8Array): Promise<Pixels> {
  const { format, width, height } = readHeader(bytes);
  const codec = idle.get(format) ?? (await CREATE[format]());
  idle.delete(format);
  let pixels: Pixels;
  try {
    pixels = codec.decode(bytes);
  } catch (cause) {
    // It trapped or threw: its state is unknown, and it is not kept.
    throw new AppError('malformed_body', `The ${NAMES[format]} cannot be decoded: its data is damaged.`, { cause });
  }
  if (codec.memoryBytes() <= LIMITS.CODEC_BYTES) idle.set(format, codec);
  if (pixels.width === width && pixels.height === height && pixels.data.length === 4 * width * height) return pixels;
  throw new AppError('malformed_body', `The ${NAMES[format]} holds another picture than its header says.`);
}

const NAMES = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP' } as const;
