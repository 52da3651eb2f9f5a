// Pictures to try, of the demos that come along.
const files = import.meta.glob<string>('../../demos/*/samples/*-200.png', {
  query: '?url&no-inline',
  import: 'default',
  eager: true,
});

/** @returns addresses of the playground's own files. */
export function listSamples(slug: string): string[] {
  return Object.entries(files).flatMap(([path, url]) => (path.includes(`/demos/${slug}/`) ? [url] : []));
}
