// The engine from its snapshot beside the engine from the beginning: nobody can tell them apart.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import identity from '../../../dist/engine/identity.json';
import prepared from '../../../dist/engine/ort.wasm';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { EngineCrash, type Runtime, type Session } from '../../../worker/inference/runtime.ts';
import { createSessionCache } from '../../../worker/inference/sessions.ts';
import { findSnapshot, SNAPSHOT_SECTION, withSnapshot } from '../../../worker/inference/snapshot.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import type { NamedTensor } from '../../../worker/pipeline/tensor.ts';
import { TUTORIAL_DIGEST, tutorial, tutorialModel } from '../../../worker/tutorial/tutorial.ts';
import { describeRuntime } from '../../contract/runtime.ts';
import { answerRows } from '../../support/answers.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, findCases, readCase, toOverrides } from '../../support/corpus.ts';
import { identityModels } from '../../support/identity-models.ts';
import { startWith } from '../../support/memory.ts';
import { createRandom } from '../../support/random.ts';

const iris = new Uint8Array(readFileSync('worker/tutorial/iris.onnx'));
const row = { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 };
const VOTES = { prediction: 'Iris-virginica', probability: [0.39285714, 0.10714286, 0.5] };
const askTutorial = (session: Session) => answerRows(tutorial.manifest, session, [row]);

let restored: Runtime;
let ordinary: Runtime;
beforeAll(async () => {
  restored = await createOrtRuntime();
  ordinary = await createOrtRuntime(null);
});
afterEach(() => {
  vi.restoreAllMocks();
});

// ort.test.ts runs it on the snapshot.
describeRuntime('ONNX Runtime from the beginning', () => createOrtRuntime(null), {
  iris,
  identities: identityModels(),
});

describe.each([FIXTURES_ROOT, CORPUS_ROOT])('both answer the same to the last bit: %s', (root) => {
  const cases = findCases(root).map((name) => ({ name, kind: readCase(name, root).kind }));

  it.each(cases.filter(({ kind }) => kind === 'table'))('$name', ({ name }) => {
    const given = readCase(name, root);
    const [a, b] = [restored, ordinary].map((runtime) => {
      const load = (bytes: Uint8Array) => runtime.load(bytes);
      const imported = importModel(given.model, {
        csv: given.csv,
        label: given.label ?? undefined,
        overrides: toOverrides(given),
        load,
      });
      const session = runtime.load(imported.model);
      const inputs = given.rows.map(({ input }) => input);
      const answers = answerRows(imported.manifest, session, inputs);
      session.release();
      return { imported, answers };
    });
    expect(a?.answers.length).toBe(given.rows.length);
    expect(a).toEqual(b);
  });

  it.each(cases.filter(({ kind }) => kind === 'image'))('$name', ({ name }) => {
    const { model } = readCase(name, root);
    const [a, b] = [restored, ordinary].map((runtime) => {
      const session = runtime.load(model);
      const outputs = session.outputs.filter(({ dtype }) => dtype !== null).map((output) => output.name);
      const results = session.run(noise(session), outputs);
      session.release();
      return { outputs: session.outputs, results };
    });
    expect(a?.results.length).toBeGreaterThan(0);
    expect(a).toEqual(b);
  });
});

function noise({ inputs }: Session): NamedTensor[] {
  const random = createRandom(1);
  return inputs.map(({ name, dtype, shape }) => {
    const dims = shape.map((size) => size ?? 1);
    const length = dims.reduce((product, size) => product * size, 1);
    if (dtype === 'uint8') {
      return { name, tensor: { dtype, dims, data: Uint8Array.from({ length }, () => 256 * random()) } };
    }
    expect(dtype).toBe('float32');
    return { name, tensor: { dtype: 'float32', dims, data: Float32Array.from({ length }, random) } };
  });
}

it('comes with the tutorial, which goes and comes like any other model', async () => {
  const runtime = await createOrtRuntime();
  const [model, ...others] = runtime.preloaded();
  if (model === undefined) throw new Error('the tutorial is not there');
  expect(others).toEqual([]);
  expect(model).toMatchObject({ digest: TUTORIAL_DIGEST, bytes: tutorialModel.length });
  const loaded = runtime.load(tutorialModel, false);
  expect({ ...model.session }).toMatchObject({ inputs: loaded.inputs, outputs: loaded.outputs });
  for (const session of [model.session, loaded, model.session]) expect(askTutorial(session)).toEqual([VOTES]);
  model.session.release();
  expect(askTutorial(loaded)).toEqual([VOTES]);
  const again = runtime.load(tutorialModel, false);
  loaded.release();
  expect(askTutorial(again)).toEqual([VOTES]);
});

it('needs no more memory than an engine from the beginning, and does not grow more', async () => {
  const engines = [await createOrtRuntime(), await createOrtRuntime(null)];
  const sizes = engines.map((runtime) => {
    const empty = runtime.memoryBytes();
    for (let i = 0; i < 300; i += 1) runtime.load(iris).release();
    return [empty, runtime.memoryBytes()];
  });
  expect(sizes[0]).toEqual(sizes[1]);
});

it('is there again after a crash of the engine', async () => {
  const memories: WebAssembly.Memory[] = [];
  const fragile = await startWith(
    class extends WebAssembly.Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(this);
      }
    },
  );
  const cache = createSessionCache(fragile, () => createOrtRuntime());
  const session = cache.find(TUTORIAL_DIGEST);
  if (session === null) throw new Error('the tutorial is not loaded');
  // What the session consists of now points out of the memory.
  const handle = findSnapshot(prepared, identity)?.models[0]?.handle ?? 0;
  new Uint8Array(memories[0]?.buffer ?? new ArrayBuffer(0)).fill(0x7f, handle, handle + 4096);
  expect(() => askTutorial(session)).toThrow(EngineCrash);
  expect(cache.find(TUTORIAL_DIGEST)).toBeNull();

  const other = await cache.get({ digest: 'iris', bytes: iris.length }, async function* () {
    yield iris;
  });
  expect(other.outputs.length).toBe(2);
  const renewed = cache.find(TUTORIAL_DIGEST);
  expect(renewed === null ? null : askTutorial(renewed)).toEqual([VOTES]);
  expect(() => askTutorial(session)).toThrow('unloaded');
});

describe('is refused, with a line in the log', () => {
  const published = new WebAssembly.Module(
    readFileSync('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
  );

  it.each([
    ['where there is none', published, identity, 'there is none'],
    ['of another WebAssembly', prepared, { ...identity, wasm: 'another' }, identity.wasm],
    ['of another glue', prepared, { ...identity, glue: 'another' }, identity.glue],
  ])('%s', (_, wasm, engine, reason) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(findSnapshot(wasm, engine)).toBeNull();
    expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('without a snapshot')]);
    expect(warn.mock.calls.flat()).toEqual([expect.stringContaining(reason)]);
  });

  it('and is not where it fits', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(findSnapshot(prepared, identity)?.engine).toEqual(identity);
    expect(warn).not.toHaveBeenCalled();
    expect(WebAssembly.Module.customSections(prepared, SNAPSHOT_SECTION).length).toBe(1);
  });

  it('and not half used: without the function that restores, nothing starts', () => {
    const snapshot = findSnapshot(prepared, identity);
    if (snapshot === null) throw new Error('there is no snapshot');
    expect(() => withSnapshot({}, snapshot)).toThrow('nothing that restores it');
  });
});
