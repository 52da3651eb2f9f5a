// Numbers as people read them. Pure.

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0, useGrouping: 'min2' });
const FOUR_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** Whole from 1,000 on, else four digits that count. Years are no amounts: 1880 stays together, 33,072 does not. */
export function toReadable(value: number): string {
  return (Math.abs(value) >= 1000 ? WHOLE : FOUR_DIGITS).format(value);
}

/** A share or a probability: never 100 % or 0 % of what is not all or nothing. */
export function toPercent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

export function toMilliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
