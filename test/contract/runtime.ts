// What any inference runtime must do, for any implementation of `Runtime`.
import { describe, expect, it } from 'vitest';
import { InferenceError, type Runtime } from '../../worker/inference/runtime.ts';
import type { NamedTensor } from '../../worker/pipeline/tensor.ts';

export interface RuntimeModels {
  /** The tutorial: float32 X [N,4] → string label [N], float64 probabilities [N,3]. */
  readonly iris: Uint8Array;
  /** One input and one output of the same type, passed through: an Identity graph for each element type. */
  readonly identities: readonly { dtype: string; model: Uint8Array; feed: NamedTensor }[];
}

export function describeRuntime(name: string, create: () => Promise<Runtime>, models: RuntimeModels): void {
  const irisFeed = (rows: number): NamedTensor => ({
    name: 'X',
    tensor: {
      dtype: 'float32',
      dims: [rows, 4],
      data: new Float32Array(Array.from({ length: rows }, () => [1, 1, 1.5, 2]).flat()),
    },
  });

  describe(`runtime: ${name}`, () => {
    it('takes a model in pieces', async () => {
      const intake = (await create()).open(models.iris.length);
      for (let at = 0; at < models.iris.length; at += 1000) intake.write(models.iris.subarray(at, at + 1000));
      const session = intake.load();
      expect(session.run([irisFeed(1)], ['label'])[0]?.data).toEqual(['Iris-virginica']);
      session.release();
      expect(() => intake.load()).toThrow();
      expect(() => intake.write(new Uint8Array(1))).toThrow();
      intake.end();
    });

    it('takes neither more nor fewer bytes than were announced, and goes on', async () => {
      const runtime = await create();
      const intake = runtime.open(models.iris.length);
      intake.write(models.iris.subarray(1));
      expect(() => intake.load()).toThrow('the model is not here');
      expect(() => intake.write(new Uint8Array(2))).toThrow('no room');
      intake.end();
      intake.end();
      runtime.load(models.iris).release();
    });

    it('gives the memory of bytes back that came to nothing', async () => {
      const runtime = await create();
      const once = () => {
        const intake = runtime.open(2_000_000);
        intake.write(new Uint8Array(1_000_000));
        intake.end();
      };
      once();
      const before = runtime.memoryBytes();
      for (let i = 0; i < 20; i += 1) once();
      expect(runtime.memoryBytes()).toBe(before);
    });

    it('describes inputs and outputs', async () => {
      const session = (await create()).load(models.iris);
      expect(session.inputs).toEqual([{ name: 'X', dtype: 'float32', shape: [null, 4] }]);
      expect(session.outputs).toEqual([
        { name: 'label', dtype: 'string', shape: [null] },
        { name: 'probabilities', dtype: 'float64', shape: [null, 3] },
      ]);
      session.release();
    });

    it('answers exactly, in the order asked', async () => {
      const session = (await create()).load(models.iris);
      const [probabilities, label] = session.run([irisFeed(1)], ['probabilities', 'label']);
      expect(probabilities).toEqual({ dtype: 'float64', dims: [1, 3], data: new Float64Array([11 / 28, 3 / 28, 0.5]) });
      expect(label).toEqual({ dtype: 'string', dims: [1], data: ['Iris-virginica'] });
      session.release();
    });

    it('follows a changing number of rows', async () => {
      const session = (await create()).load(models.iris);
      for (const rows of [1, 7, 1, 5000, 2]) {
        const [label] = session.run([irisFeed(rows)], ['label']);
        expect(label?.data).toEqual(new Array(rows).fill('Iris-virginica'));
      }
      session.release();
    });

    it('refuses what is no model, and goes on', async () => {
      const runtime = await create();
      expect(() => runtime.load(new TextEncoder().encode('not a model'))).toThrow(InferenceError);
      expect(() => runtime.load(models.iris.slice(0, models.iris.length / 2))).toThrow(InferenceError);
      const session = runtime.load(models.iris);
      expect(session.run([irisFeed(1)], ['label'])[0]?.data).toEqual(['Iris-virginica']);
      session.release();
    });

    it('refuses a wrong shape, a wrong type, a wrong name, and goes on', async () => {
      const session = (await create()).load(models.iris);
      const wrongShape = { name: 'X', tensor: { dtype: 'float32', dims: [1, 3], data: new Float32Array(3) } } as const;
      const wrongType = { name: 'X', tensor: { dtype: 'int64', dims: [1, 4], data: new BigInt64Array(4) } } as const;
      expect(() => session.run([wrongShape], ['label'])).toThrow(InferenceError);
      expect(() => session.run([wrongType], ['label'])).toThrow(InferenceError);
      expect(() => session.run([{ ...irisFeed(1), name: 'Y' }], ['label'])).toThrow(InferenceError);
      expect(() => session.run([irisFeed(1)], ['nothing'])).toThrow(InferenceError);
      expect(() => session.run([], ['label'])).toThrow(InferenceError);
      expect(session.run([irisFeed(1)], ['label'])[0]?.data).toEqual(['Iris-virginica']);
      session.release();
    });

    it('does not grow with use', async () => {
      const runtime = await create();
      const once = () => {
        const session = runtime.load(models.iris);
        for (let i = 0; i < 20; i += 1) session.run([irisFeed(100)], ['label', 'probabilities']);
        session.release();
      };
      once();
      const before = runtime.memoryBytes();
      for (let i = 0; i < 50; i += 1) once();
      expect(runtime.memoryBytes()).toBe(before);
    });

    it.each(models.identities)('passes $dtype through unchanged', async ({ model, feed }) => {
      const session = (await create()).load(model);
      const [tensor] = session.run([feed], ['y']);
      expect(tensor).toEqual(feed.tensor);
      session.release();
    });
  });
}
