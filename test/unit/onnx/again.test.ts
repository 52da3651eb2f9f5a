// What an export holds comes back as it was: the bytes that are served, imported with their whole manifest and without a
// CSV, give the same manifest and the same bytes. So a backup is restored through the checks of any other upload.
import { beforeAll, expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime } from '../../../worker/inference/runtime.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, findCases, readCase, toFullOverrides, toOverrides } from '../../support/corpus.ts';

const root = findCases(CORPUS_ROOT).length > 0 ? CORPUS_ROOT : FIXTURES_ROOT;
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createOrtRuntime();
});

it.each(findCases(root))('%s', (name) => {
  const { model, csv, label, kind, ...rest } = readCase(name, root);
  const load = (bytes: Uint8Array) => runtime.load(bytes);
  const overrides = kind === 'image' ? toFullOverrides(rest) : toOverrides(rest);
  const first = importModel(model, { csv, label: label ?? undefined, overrides, load });
  const again = importModel(first.model, { overrides: first.manifest, load });
  // In the order of the keys as well: a form lists the features as they stand.
  expect(JSON.stringify(again.manifest)).toBe(JSON.stringify(first.manifest));
  expect(Buffer.compare(again.model, first.model)).toBe(0);
  expect(again.optimise).toBe(first.optimise);
});
