// Takes secrets out of what goes to the page. Pure.

const SECRET = /pipeline_[0-9a-z]{32}/g;
const DOTS = 'pipeline_••••••••';

/** Every secret in a text becomes dots. */
export function maskText(text: string): string {
  return text.replaceAll(SECRET, DOTS);
}

/** An answer of the management API as the page may see it: `masked_url` in place of `url`, no token, no secret anywhere. */
export function maskAnswer(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(maskAnswer);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      if (key === 'token') return [];
      const isUrl = key === 'url' && typeof each === 'string' && maskText(each) !== each;
      return [[isUrl ? 'masked_url' : maskText(key), maskAnswer(each)]];
    }),
  );
}
