// Resizing as Pillow does it, to the last bit (libImaging/Resample.c, 8 bits a channel): two passes, first across, then
// down, with filters that widen when an image shrinks (antialias) and coefficients of 22 bits.
import type { Preprocess } from '../pipeline/manifest.ts';

/** Interleaved channels of 8 bits, row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

const PRECISION_BITS = 32 - 8 - 2;
const HALF = 1 << (PRECISION_BITS - 1);

interface Filter {
  readonly support: number;
  at(x: number): number;
}

const FILTERS: Record<Exclude<Preprocess['filter'], 'nearest'>, Filter> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    at(signed) {
      const a = -0.5;
      const x = Math.abs(signed);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

export function resize(image: Plane, width: number, height: number, filter: Preprocess['filter']): Plane {
  if (image.width === width && image.height === height) return image;
  if (filter === 'nearest') return pickNearest(image, width, height);
  const across = image.width === width ? image : resample(image, width, FILTERS[filter], true);
  return across.height === height ? across : resample(across, height, FILTERS[filter], false);
}

interface Weights {
  /** The first source place of each result, and how many it takes. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `size` coefficients for each result, of which `counts` are used. */
  readonly coefficients: Int32Array;
  readonly size: number;
}

function createWeights(from: number, to: number, { support, at }: Filter): Weights {
  const scale = from / to;
  const widened = Math.max(1, scale);
  const reach = support * widened;
  const size = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const coefficients = new Int32Array(to * size);
  for (let i = 0; i < to; i += 1) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(from, Math.trunc(center + reach + 0.5)) - start;
    const weights = Array.from({ length: count }, (_, k) => at((k + start - center + 0.5) * (1 / widened)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    starts[i] = start;
    counts[i] = count;
    for (const [k, weight] of weights.entries()) {
      const exact = (sum === 0 ? weight : weight / sum) * (1 << PRECISION_BITS);
      coefficients[i * size + k] = Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
    }
  }
  return { starts, counts, coefficients, size };
}

/** One pass: along the rows (`across`) or along the columns. */
function resample(image: Plane, to: number, filter: Filter, across: boolean): Plane {
  const { width, height, channels, data } = image;
  const { starts, counts, coefficients, size } = createWeights(across ? width : height, to, filter);
  const wide = across ? to : width;
  const high = across ? height : to;
  const out = new Uint8Array(wide * high * channels);
  /** Between two source places of one sum. */
  const step = across ? channels : width * channels;
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const place = across ? x : y;
      const start = starts[place] ?? 0;
      const count = counts[place] ?? 0;
      const first = across ? (y * width + start) * channels : (start * width + x) * channels;
      for (let c = 0; c < channels; c += 1) {
        let sum = HALF;
        for (let k = 0; k < count; k += 1) {
          sum += (data[first + c + k * step] ?? 0) * (coefficients[place * size + k] ?? 0);
        }
        const value = sum >> PRECISION_BITS;
        out[(y * wide + x) * channels + c] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }
  return { width: wide, height: high, channels, data: out };
}

function pickNearest({ width, height, channels, data }: Plane, toWidth: number, toHeight: number): Plane {
  const out = new Uint8Array(toWidth * toHeight * channels);
  const columns = findNearest(width, toWidth);
  const rows = findNearest(height, toHeight);
  for (let y = 0; y < toHeight; y += 1) {
    for (let x = 0; x < toWidth; x += 1) {
      const from = ((rows[y] ?? 0) * width + (columns[x] ?? 0)) * channels;
      for (let c = 0; c < channels; c += 1) out[(y * toWidth + x) * channels + c] = data[from + c] ?? 0;
    }
  }
  return { width: toWidth, height: toHeight, channels, data: out };
}

/** Pillow adds the step up (libImaging/Geometry.c): a product would take another pixel at one size in five. */
function findNearest(from: number, to: number): Int32Array {
  const step = from / to;
  let place = step * 0.5;
  return Int32Array.from({ length: to }, () => {
    const nearest = Math.min(from - 1, Math.trunc(place));
    place += step;
    return nearest;
  });
}
