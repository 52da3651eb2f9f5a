// The float64 whose decimal form is the shortest that a float32 round-trips through: 0.1, not 0.10000000149011612.

/** Below it float32 holds fewer than six digits. */
const LEAST_NORMAL = 2 ** -126;

/** Powers of ten by which any float32 can be multiplied exactly: 24 bits and those of 5^12 fit into float64's 53. */
const POWERS = Float64Array.from({ length: 13 }, (_, i) => Number(`1e${i}`));
/** Six digits always survive decimal → float32 → decimal (FLT_DIG), so that a shorter form is found at six as well. */
const SIX_DIGITS = 1e5;
/** Nine always tell a float32 from its neighbours. */
const TEN_DIGITS = 1e9;
/** Below it nine digits may need more decimals than there are powers. */
const LEAST_SCALED = 1e-3;
/** From here on all are integers, whose shortest form may end in zeros. */
const INTEGERS = 2 ** 24;

/** @param x a number that float32 (or float16) holds exactly. */
export function shortestFloat32(x: number): number {
  const size = Math.abs(x);
  // Most outputs that are integers are counts, and every one of these is exact.
  if (Number.isInteger(x) && size < INTEGERS) return x;
  if (size >= LEAST_SCALED && size < INTEGERS) {
    for (let decimals = 0; decimals < POWERS.length; decimals++) {
      const power = POWERS[decimals] as number;
      if (size * power < SIX_DIGITS) continue;
      const digits = Math.round(size * power);
      if (digits >= TEN_DIGITS) break;
      const candidate = digits / power;
      if (Math.fround(candidate) === size) return x < 0 ? -candidate : candidate;
    }
  }
  return findShortest(x);
}

/** By text, which takes ten times as long. */
function findShortest(x: number): number {
  const least = Math.abs(x) < LEAST_NORMAL ? 1 : 6;
  for (let digits = least; digits < 9; digits++) {
    const candidate = Number(x.toPrecision(digits));
    if (Math.fround(candidate) === x) return candidate;
  }
  return Number(x.toPrecision(9));
}
