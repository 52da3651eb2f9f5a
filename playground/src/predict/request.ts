// A row as a request to the page's own server, in the form that suits it. Pure.
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Row } from '../row.ts';

/** JSON; the image alone as the body; or a multipart form where an image has columns beside it. */
export function toRequest({ features }: PipelineSchema, row: Row): RequestInit {
  const entries = features.flatMap(({ name }) => {
    const value = row[name];
    return value === null || value === undefined ? [] : [[name, value] as const];
  });
  const images = entries.filter((entry): entry is [string, Blob] => entry[1] instanceof Blob);
  const [image] = images;
  if (image === undefined) {
    return {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(entries)),
    };
  }
  if (features.length === 1) {
    return { method: 'POST', headers: { 'Content-Type': image[1].type || 'image/png' }, body: image[1] };
  }
  const form = new FormData();
  for (const [name, value] of entries) {
    if (value instanceof Blob) form.append(name, value, 'image');
    else for (const each of [value].flat()) form.append(name, String(each));
  }
  return { method: 'POST', body: form };
}
