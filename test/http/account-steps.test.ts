// Each operation of an account broken at its steps: by a failure of what it asks, and by a restart before and after it.
// Here every eighth of the cases; `npm run soak` runs them all.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lab, startLab } from '../support/account-lab.ts';
import { breakCreation, breakEverything } from '../support/fault-points.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

it('loses nothing that was acknowledged, and leaves nothing halfway, wherever it breaks', async () => {
  const { scenarios, struck, findings } = await breakEverything(lab, 8);
  expect(findings).toEqual([]);
  expect(scenarios).toBeGreaterThan(30);
  // That the faults are where they are thought to be.
  for (const step of ['put', 'transaction', 'alarm']) expect(struck[step]).toBeGreaterThan(0);
});

it('creates an account whole, or not at all', async () => {
  const { findings, struck } = await breakCreation(lab);
  expect(findings).toEqual([]);
  expect(struck.transaction).toBeGreaterThan(0);
});
