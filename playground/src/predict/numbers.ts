// Numbers as people read them. Pure.

const LARGE = 100;

/** Whole from 1,000 on, two decimals from 100, else four digits that count. */
export function toReadable(value: number): string {
  const size = Math.abs(value);
  const digits: Intl.NumberFormatOptions =
    size >= 10 * LARGE
      ? { maximumFractionDigits: 0 }
      : size >= LARGE
        ? { maximumFractionDigits: 1 }
        : { maximumSignificantDigits: 4 };
  // Years are no amounts: 1880 stays together, 33,072 does not.
  return new Intl.NumberFormat('en', { ...digits, useGrouping: 'min2' }).format(value);
}

/** A probability: never 100 % or 0 % of what is not certain. */
export function toPercent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

export function toMilliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
