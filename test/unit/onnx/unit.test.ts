// The unit of what is predicted: stated by the owner, answered by schema and OpenAPI.
import { describe, expect, it } from 'vitest';
import { patchSchema } from '../../../worker/contract.ts';
import { toOpenApi } from '../../../worker/encode/openapi.ts';
import { toSchema } from '../../../worker/encode/schema.ts';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import { mergeManifest, parseOverrides } from '../../../worker/onnx/overrides.ts';
import type { Manifest } from '../../../worker/pipeline/manifest.ts';
import { buildModel, ML } from '../../support/onnx-builder.ts';

const X = { name: 'X', dtype: 'float32', shape: [null, 2] } as const;
const coefficients = { coefficients: { floats: [1, 2] }, intercepts: { floats: [0] } };
const regression = buildModel({
  producer: 'skl2onnx',
  inputs: [X],
  outputs: [{ name: 'y', dtype: 'float32', shape: [null, 1] }],
  nodes: [{ op: 'LinearRegressor', inputs: ['X'], outputs: ['y'], attributes: coefficients, domain: ML }],
});
const csv = new TextEncoder().encode('area,floor,rent\n1,2,5\n3,1,5\n2,2,6\n4,1,6\n0,3,6\n');

async function load(overrides: unknown): Promise<Manifest> {
  const runtime = await createOrtRuntime();
  const options = { csv, label: 'rent', overrides: parseOverrides(overrides) };
  return importModel(regression, { ...options, load: (bytes) => runtime.load(bytes) }).manifest;
}

const EUR = { unit: 'EUR per month' };

describe('an import', () => {
  it('has none where the owner states none', async () => {
    const manifest = await load({});
    expect(manifest).not.toHaveProperty('unit');
    expect(toSchema({ name: 'Rent', version: 1, manifest })).not.toHaveProperty('unit');
  });

  it('keeps the one that is stated, and says it to callers', async () => {
    const pipeline = { name: 'Rent', version: 1, manifest: await load(EUR) };
    expect(pipeline.manifest.unit).toBe('EUR per month');
    expect(toSchema(pipeline).unit).toBe('EUR per month');
    const document = toOpenApi(pipeline, 'https://example.com') as {
      components: { schemas: { Answer: { properties: { prediction: { oneOf: [object, object] } } } } };
    };
    expect(document.components.schemas.Answer.properties.prediction.oneOf[0]).toEqual({
      type: 'number',
      description: 'In EUR per month.',
    });
  });

  it('refuses one that is no text', async () => {
    await expect(load({ unit: 5 })).rejects.toThrow(/manifest_invalid.*unit/s);
  });
});

describe('an amendment', () => {
  it('sets, changes and takes away', async () => {
    const manifest = await load({});
    const set = mergeManifest(manifest, parseOverrides(EUR));
    expect(set).toEqual({ ...manifest, ...EUR });
    expect(mergeManifest(set, parseOverrides({ unit: 'USD' })).unit).toBe('USD');
    expect(mergeManifest(set, parseOverrides({ label: 'price' })).unit).toBe('EUR per month');
    expect(mergeManifest(set, parseOverrides({ unit: '' }))).toEqual(manifest);
  });

  it('passes the schema of PATCH', () => {
    for (const unit of ['EUR', '']) expect(patchSchema.parse({ manifest: { unit } })).toEqual({ manifest: { unit } });
  });

  it('is refused where classes are predicted', () => {
    const manifest: Manifest = {
      manifest_version: 1,
      task: 'classification',
      classes: ['a', 'b'],
      features: [{ name: 'x', type: 'number' }],
      inputs: [{ name: 'x', dtype: 'float32', shape: [null, 1], features: ['x'] }],
      output: { label: { tensor: 'label', holds: 'class' } },
      batch: 'dynamic',
    };
    expect(() => mergeManifest(manifest, parseOverrides(EUR))).toThrow(/manifest_invalid.*unit.*class/s);
    expect(mergeManifest(manifest, parseOverrides({ unit: '' }))).toEqual(manifest);
  });
});
