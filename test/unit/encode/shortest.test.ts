import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortestFloat32 } from '../../../worker/encode/shortest.ts';

it.each([
  0, -0, 1, 0.1, 3.14, 1e-7, 16777215, 16777216, 3.4028235e38, 1e-45, 1.1754944e-38, 5.877472e-39, 0.33333334, 1.5e10,
])('prints %d as it was written', (value) => {
  expect(shortestFloat32(Math.fround(value))).toBe(value);
});

it('round-trips every float32, in at most nine digits', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const shortest = shortestFloat32(value);
      expect(Math.fround(shortest)).toBe(value);
      const digits = shortest.toExponential().replace(/e.*|[-.]/g, '').length;
      expect(digits).toBeLessThanOrEqual(9);
      expect(shortest + 0).toBe(Number(value.toPrecision(digits)));
      if (digits > 1) expect(Math.fround(Number(value.toPrecision(digits - 1)))).not.toBe(value);
    }),
    { numRuns: 5000 },
  );
});
