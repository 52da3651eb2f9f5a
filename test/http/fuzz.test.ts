// A few seconds of `npm run fuzz`, the same cases each time: made-up requests and calls against the built Worker.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImportFuzz } from '../fuzz/imports.ts';
import { models } from '../fuzz/models.ts';
import { type Fuzz, startFuzz } from '../fuzz/run.ts';

const SEED = 20_261_124;
/** Not a measurement: a busy machine takes its time, and what hangs never answers. */
const NO_ANSWER_MS = 10_000;

describe('made-up requests', () => {
  let fuzz: Fuzz;
  beforeAll(async () => {
    fuzz = await startFuzz(models, NO_ANSWER_MS);
  });
  afterAll(() => fuzz.dispose());

  it('never end in a failure of ours, a leak or a wrong answer', async () => {
    await fuzz.fuzzPredictions(400, SEED);
    await fuzz.checkOthers();
    // That they are not all refused for the same thing.
    expect([...fuzz.statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 405, 406, 415]));
  });

  it('of the management API neither', async () => {
    await fuzz.fuzzCalls(150, SEED);
    await fuzz.checkOthers();
    expect([...fuzz.statuses.keys()]).toEqual(expect.arrayContaining([200, 401, 404, 409]));
  });
});

describe('made-up models', () => {
  it('are refused with a reason or work, in time and in the memory of an isolate', async () => {
    const imports = await createImportFuzz();
    try {
      await imports.fuzz(150, SEED);
      expect(imports.describe()).toMatch(/imported/);
    } finally {
      await imports.dispose();
    }
  });
});
