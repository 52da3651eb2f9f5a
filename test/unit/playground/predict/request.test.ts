// A row becomes the request that suits it.
import { expect, it } from 'vitest';
import { toRequest } from '../../../../playground/src/predict/request.ts';
import type { FeatureSchema, PipelineSchema } from '../../../../worker/contract.ts';

const schema = (...features: Pick<FeatureSchema, 'name' | 'type'>[]) =>
  ({ features: features.map((each) => ({ optional: false, ...each })) }) as unknown as PipelineSchema;
const image = new Blob(['x'], { type: 'image/webp' });

it('sends values as JSON, and leaves out what is left out', () => {
  const request = toRequest(schema({ name: 'a', type: 'number' }, { name: 'b', type: 'number' }), {
    a: '1,5',
    b: null,
  });
  expect(request).toEqual({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":"1,5"}' });
});

it('sends an only image as the body', () => {
  const request = toRequest(schema({ name: 'picture', type: 'image' }), { picture: image });
  expect(request).toEqual({ method: 'POST', headers: { 'Content-Type': 'image/webp' }, body: image });
});

it('sends an image with columns as a form, and no value of other models', async () => {
  const { body, headers } = toRequest(
    schema({ name: 'picture', type: 'image' }, { name: 'age', type: 'integer' }, { name: 'w', type: 'number' }),
    { picture: image, age: '3', w: [1, 2], stranger: 'x' },
  );
  expect(headers).toBeUndefined();
  if (!(body instanceof FormData)) throw new Error('no form');
  expect([...body.keys()]).toEqual(['picture', 'age', 'w', 'w']);
  expect(body.getAll('w')).toEqual(['1', '2']);
  expect(await (body.get('picture') as File).text()).toBe('x');
});
