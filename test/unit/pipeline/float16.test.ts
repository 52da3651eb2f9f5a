import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../worker/pipeline/float16.ts';

it('round-trips all 65536 halves', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromHalf(bits);
    if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
    else if (toHalf(value) !== bits) expect.fail(`${bits} became ${toHalf(value)}`);
  }
});

it.each([
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [2 ** -24, 1],
  [2 ** -25, 0],
  [2 ** -25 * 1.0001, 1],
  [2 ** -14 - 2 ** -26, 0x400],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 - 2 ** -12, 0x4000],
  [0.1, 0x2e66],
  [-0, 0x8000],
])('rounds %d to %i', (value, bits) => {
  expect(toHalf(value)).toBe(bits);
});

it('finds no half nearer than the one it gives', () => {
  fc.assert(
    fc.property(fc.double({ min: -65519, max: 65519, noNaN: true }), (value) => {
      const bits = toHalf(value);
      const error = Math.abs(fromHalf(bits) - value);
      for (const other of [bits - 1, bits + 1]) {
        const neighbour = fromHalf(other & 0xffff);
        if (Number.isFinite(neighbour)) expect(error).toBeLessThanOrEqual(Math.abs(neighbour - value));
      }
    }),
    { numRuns: 5000 },
  );
});
