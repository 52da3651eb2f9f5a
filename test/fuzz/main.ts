// npm run fuzz -- [--seconds N] [--seed S] [--only predictions|calls|decoders|imports]: made-up requests, bodies and models
// until the time is up. Ends with 1 at the first finding and prints the seed and the smallest case.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { buildWorker } from '../support/build.ts';
import { checkDecoder, decoderCases } from './decoders.ts';
import { createImportFuzz } from './imports.ts';
import { models } from './models.ts';
import { startFuzz } from './run.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const end = Date.now() + Number(values.seconds) * 1000;
console.log(`Seed ${first}.`);
buildWorker();

const HANG_MS = 1000;
const fuzz = await startFuzz(models, HANG_MS);
const imports = await createImportFuzz();
let decoded = 0;
let read = 0;

/** One turn of each: so many cases, from this seed. */
const TURNS: Readonly<Record<string, (seed: number) => Promise<void>>> = {
  predictions: (seed) => fuzz.fuzzPredictions(500, seed),
  calls: (seed) => fuzz.fuzzCalls(60, seed),
  async decoders(seed) {
    const check = fc.asyncProperty(decoderCases, async (given) => {
      read += await checkDecoder(given);
      decoded += 1;
    });
    await fc.assert(check, { numRuns: 1000, seed });
  },
  imports: (seed) => imports.fuzz(40, seed),
};

let finding: unknown = null;
let seed = first;
try {
  for (; Date.now() < end; seed += 1) {
    for (const [name, turn] of Object.entries(TURNS)) {
      if (values.only !== undefined && values.only !== name) continue;
      await turn(seed);
    }
    await fuzz.checkOthers();
  }
} catch (error) {
  finding = error;
}
const { sent, slowest, statuses } = fuzz;
console.log(`${sent.predictions} predictions, the slowest took ${Math.round(slowest.predictionMs)} ms.`);
console.log(`${sent.calls} calls of the management API, the slowest took ${Math.round(slowest.callMs)} ms.`);
console.log(
  `Answers: ${[...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ')}.`,
);
if (sent.unread > 0) console.log(`${sent.unread} large bodies were refused while they were written.`);
console.log(`${decoded} bodies read in both ways, ${read} rows of them straight into tensors.`);
console.log(`${imports.count()} models: ${imports.describe()}.`);
await Promise.all([fuzz.dispose(), imports.dispose()]);
if (finding !== null) {
  // Bytes of a body: as text where they are text.
  const report = String(finding instanceof Error ? finding.message : finding).replaceAll(
    /Uint8Array\.from\(\[([\d,]*)\]\)/g,
    (_, list: string) => JSON.stringify(Buffer.from(list.split(',').map(Number)).toString('latin1').slice(0, 2000)),
  );
  console.error(fuzz.worker.logs.slice(-12).join('\n').slice(0, 6000));
  console.error(`\nFOUND something, with --seed ${seed}:\n${report}`);
}
process.exit(finding === null ? 0 : 1);
