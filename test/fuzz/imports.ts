// Models that are imported and, where they are let in, run on as many rows as one request can send: each ends in time, in
// bounded memory, and with a reason where it is refused.
import fc from 'fast-check';
import { LIMITS } from '../../worker/limits.ts';
import { startImportLab } from './import-lab.ts';
import { models } from './models.ts';

/** Once more where it took longer: the machine may have been busy. */
const SLOW_MS = 5000;
const ENDLESS_MS = 15_000;

export interface ImportFuzz {
  fuzz(cases: number, seed: number): Promise<void>;
  count(): number;
  /** How many were refused for which reason. */
  describe(): string;
  dispose(): Promise<void>;
}

export async function createImportFuzz(): Promise<ImportFuzz> {
  const lab = await startImportLab();
  const outcomes = new Map<string, number>();

  async function check(model: Uint8Array): Promise<void> {
    let told = await lab.run(model, ENDLESS_MS);
    if (told.ms > SLOW_MS) told = await lab.run(model, ENDLESS_MS);
    const { outcome, message, ms, memoryBytes } = told;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'unexpected' || outcome === 'endless') throw new Error(`${outcome}: ${message}`);
    if (ms > SLOW_MS) throw new Error(`${outcome} after ${Math.round(ms)} ms`);
    if (memoryBytes > LIMITS.ENGINE_MOST_BYTES) throw new Error(`${outcome} with ${memoryBytes} bytes of memory`);
  }

  return {
    async fuzz(cases, seed) {
      const property = fc.asyncProperty(models, check);
      const result = await fc.check(property, { numRuns: cases, seed, interruptAfterTimeLimit: 600_000 });
      if (result.failed) throw new Error(`${fc.defaultReportMessage(result)}\n${String(result.errorInstance)}`);
    },
    count: () => [...outcomes.values()].reduce((sum, each) => sum + each, 0),
    describe: () =>
      [...outcomes]
        .sort(([, a], [, b]) => b - a)
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(', '),
    dispose: () => lab.dispose(),
  };
}
