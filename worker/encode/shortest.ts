// The float64 whose decimal form is the shortest that a float32 round-trips through: 0.1, not 0.10000000149011612.

/** Below this float32 holds fewer than six digits. */
const LEAST_NORMAL = 2 ** -126;

/** @param x a number that float32 (or float16) holds exactly. */
export function shortestFloat32(x: number): number {
  // Every integer below 2^24 is exact, and most outputs that are integers are counts.
  if (Number.isInteger(x) && x < 16777216 && x > -16777216) return x;
  // Six digits always survive decimal → float32 → decimal (FLT_DIG), so a shorter form is found at six as well.
  const least = Math.abs(x) < LEAST_NORMAL ? 1 : 6;
  for (let digits = least; digits < 9; digits++) {
    const candidate = Number(x.toPrecision(digits));
    if (Math.fround(candidate) === x) return candidate;
  }
  return Number(x.toPrecision(9));
}
