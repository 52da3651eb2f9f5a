// Pixels → the values of a tensor, as Pillow and NumPy would make them: convert the colors, resize, then scale and
// normalise in float32. Alpha is dropped, not blended, as Image.convert('RGB') does.
import type { Preprocess } from '../pipeline/manifest.ts';
import { countChannels } from '../pipeline/places.ts';
import type { Pixels } from './decode.ts';
import { type Plane, resize } from './resample.ts';

/** @returns what turns an image (and uses up its pixels) into width × height × channels values, in the order of the layout. */
export function createPreprocessor(spec: Preprocess): (pixels: Pixels) => Float32Array {
  const channels = countChannels(spec);
  const tables = Array.from({ length: channels }, (_, c) => createTable(spec, c));
  return (pixels) => layOut(bringToSize(toPlane(pixels, spec.color), spec), spec, tables);
}

/** What each of the 256 levels becomes in a channel, rounded to float32 after every step. */
function createTable({ scale, offset, mean, std }: Preprocess, channel: number): Float32Array {
  const f = Math.fround;
  const isFraction = Math.abs(scale * 255 - 1) < 1e-12;
  return Float32Array.from({ length: 256 }, (_, level) => {
    // pixel / 255 and pixel * (1 / 255) differ in the last bit; training divides.
    const scaled = isFraction ? f(level / 255) : f(level * f(scale));
    return f(f(f(scaled + f(offset)) - f(mean?.[channel] ?? 0)) / f(std?.[channel] ?? 1));
  });
}

/** In place: a copy of a large photo would not fit beside it. What is written lies behind what is still to be read. */
function toPlane({ width, height, data }: Pixels, color: Preprocess['color']): Plane {
  const size = width * height;
  const channels = color === 'L' ? 1 : 3;
  const out = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, size * channels);
  for (let i = 0; i < size; i += 1) {
    const r = data[4 * i] ?? 0;
    const g = data[4 * i + 1] ?? 0;
    const b = data[4 * i + 2] ?? 0;
    if (color === 'L') {
      // ITU-R 601-2 in Pillow's fixed point.
      out[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
    } else {
      out[3 * i] = color === 'RGB' ? r : b;
      out[3 * i + 1] = g;
      out[3 * i + 2] = color === 'RGB' ? b : r;
    }
  }
  return { width, height, channels, data: out };
}

function bringToSize(image: Plane, { size: [width, height], resize: mode, filter }: Preprocess): Plane {
  if (mode === 'stretch') return resize(image, width, height, filter);
  // Which side decides; the other one is cut as torchvision's Resize does, from an exact product.
  const across = width * image.height;
  const down = height * image.width;
  const isWidth = mode === 'crop' ? across >= down : across <= down;
  const round = mode === 'crop' ? Math.trunc : Math.round;
  const wide = isWidth ? width : Math.max(1, round(down / image.height));
  const high = isWidth ? Math.max(1, round(across / image.width)) : height;
  return place(resize(image, wide, high, filter), width, height);
}

/** The middle of an image on a canvas: what is over is cut off, what lacks is black. */
function place(image: Plane, width: number, height: number): Plane {
  if (image.width === width && image.height === height) return image;
  const { channels } = image;
  const left = roundToEven((width - image.width) / 2);
  const top = roundToEven((height - image.height) / 2);
  const data = new Uint8Array(width * height * channels);
  for (let y = Math.max(0, top); y < Math.min(height, top + image.height); y += 1) {
    const from = Math.max(0, -left);
    const count = Math.min(image.width - from, width - Math.max(0, left));
    const start = ((y - top) * image.width + from) * channels;
    data.set(image.data.subarray(start, start + count * channels), (y * width + Math.max(0, left)) * channels);
  }
  return { width, height, channels, data };
}

/** As Python's round(), which torchvision's CenterCrop uses. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function layOut(
  { width, height, channels, data }: Plane,
  { layout }: Preprocess,
  tables: Float32Array[],
): Float32Array {
  const size = width * height;
  const out = new Float32Array(size * channels);
  for (let c = 0; c < channels; c += 1) {
    const table = tables[c] ?? new Float32Array(256);
    for (let i = 0; i < size; i += 1) {
      out[layout === 'NCHW' ? c * size + i : i * channels + c] = table[data[i * channels + c] ?? 0] ?? 0;
    }
  }
  return out;
}
