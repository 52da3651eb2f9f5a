// Resizing against Pillow, byte for byte, and whole ways from pixels to tensors against Pillow and NumPy.
import { expect, it } from 'vitest';
import { createPreprocessor } from '../../../worker/image/preprocess.ts';
import type { Preprocess } from '../../../worker/pipeline/manifest.ts';
import { EXPECTED, fromBase64 } from './expected.ts';

const noise = EXPECTED.images['rgb-noise.png'] ?? { width: 0, height: 0, rgb: '' };
const rgb = fromBase64(noise.rgb);
const pixels = {
  width: noise.width,
  height: noise.height,
  // An alpha that would show if it were blended.
  data: Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? i % 256 : (rgb[Math.floor(i / 4) * 3 + (i % 4)] ?? 0),
  ),
};

it.each(EXPECTED.resize)('$filter to $size in $mode as Pillow', ({ filter, size, mode, values }) => {
  const spec = { size, filter, color: mode, resize: 'stretch', layout: 'NHWC', scale: 1, offset: 0 } as const;
  expect(Uint8Array.from(createPreprocessor(spec)(structuredClone(pixels)))).toEqual(fromBase64(values));
});

it.each(EXPECTED.preprocess)('$spec as NumPy', ({ spec, values }) => {
  const want = new Float32Array(fromBase64(values).buffer);
  expect(createPreprocessor(spec)(structuredClone(pixels))).toEqual(want);
});

it('puts what is narrower on black', () => {
  const white = { width: 4, height: 2, data: new Uint8Array(4 * 2 * 4).fill(255) };
  const spec: Preprocess = {
    size: [4, 4],
    resize: 'pad',
    filter: 'bilinear',
    color: 'L',
    layout: 'NCHW',
    scale: 1,
    offset: 0,
  };
  expect([...createPreprocessor(spec)(white)]).toEqual([
    ...[0, 0, 0, 0],
    ...[255, 255, 255, 255],
    ...[255, 255, 255, 255],
    ...[0, 0, 0, 0],
  ]);
});

/** A grey image whose rows differ. */
function toRows(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => Math.floor(i / (4 * width)) % 251);
  return { width, height, data };
}

it.each([
  // int(28 * 639 / 71) is 252; a product with the rounded quotient would be 251.
  [71, 639, 28, 252],
  [190, 760, 28, 112],
  [428, 749, 32, 56],
])('crops the middle of what torchvision resizes to: %i by %i', (width, height, side, long) => {
  const image = toRows(width, height);
  const spec = { filter: 'nearest', color: 'L', layout: 'NCHW', scale: 1, offset: 0 } as const;
  const whole = createPreprocessor({ ...spec, resize: 'stretch', size: [side, long] })(structuredClone(image));
  const start = ((long - side) / 2) * side;
  const middle = whole.slice(start, start + side * side);
  expect(createPreprocessor({ ...spec, resize: 'crop', size: [side, side] })(structuredClone(image))).toEqual(middle);
});

it.each([
  // Where (i + 0.5) * step and a sum of steps fall on two sides of a whole number.
  [244, 607, 303, 121],
  [164, 606, 151, 40],
  [688, 168, 52, 215],
])('picks the pixel that Pillow picks: %i to %i', (from, to, at, want) => {
  const spec = { filter: 'nearest', color: 'L', layout: 'NCHW', scale: 1, offset: 0, resize: 'stretch' } as const;
  const values = createPreprocessor({ ...spec, size: [1, to] })(toRows(1, from));
  expect(values[at]).toBe(want);
});
