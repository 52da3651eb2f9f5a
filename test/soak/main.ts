// npm run soak -- [--minutes N] [--seed S]: owners and callers at once, while storage fails, objects end and the Worker is
// killed, until the time is up. Ends with 1 on any finding, and prints what was done and what was found.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLab } from '../support/account-lab.ts';
import { buildWorker } from '../support/build.ts';
import { FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { breakCreation, breakEverything } from '../support/fault-points.ts';
import { createOwner } from '../support/owner.ts';
import { createRandom } from '../support/random.ts';
import { createSecretFinder } from '../support/secrets.ts';
import { startStand } from '../support/stand.ts';
import { callOnce, runCaller, runImageCaller } from './callers.ts';
import { runFaults } from './faults.ts';
import { GONE, present } from './history.ts';
import { createSoakOwner } from './owner.ts';
import { count, sleep, type World } from './world.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const endsAt = Date.now() + Number(values.minutes) * 60_000;
console.log(`Seed ${seed}.`);
buildWorker();

/** workerd, V8 and one isolate, which may have 128 MB in production; it starts with 130 MB. */
const RESIDENT_MB = 400;
/** Reports go every ten seconds, and are sent again after seven. */
const UNTOLD_MS = 20_000;

const stand = await startStand();
let mostResident = 0;
const findings: string[] = [];
const world: World = {
  stand,
  random: createRandom(seed),
  counts: { calls: {}, operations: {}, faults: {} },
  histories: new Map(),
  usage: new Map(),
  modelOf: new Map(),
  secrets: {},
  findings,
  breaks: [],
  isOver: () => Date.now() > endsAt || findings.length >= 20,
  find(what) {
    findings.push(what);
    console.error(`FOUND ${Math.round((Date.now() - endsAt) / 1000)} s: ${what}`);
  },
};

const digits = readCase('digits-cnn-28', FIXTURES_ROOT);
const artist = await createOwner(stand, 'standard');
const image = await artist.activate(
  (await artist.add({ model: digits.model, name: 'Digits', manifest: { classes: digits.classes } })).id,
);
const plans = ['trial', 'trial', 'standard', 'standard'] as const;
const owners = await Promise.all(plans.map((plan) => createSoakOwner(world, plan)));

async function watch(): Promise<void> {
  while (!world.isOver()) {
    await sleep(2000);
    try {
      mostResident = Math.max(mostResident, stand.resident());
    } catch {
      // It is being killed at this moment.
    }
  }
}

/** Account objects in a process of their own, each operation broken at each step; see there. */
async function breakObjects(): Promise<void> {
  const lab = await startLab();
  for (const outcome of [await breakEverything(lab, 1, 6), await breakCreation(lab)]) {
    count(world.counts.faults, 'operations broken at one step', outcome.scenarios);
    for (const [step, times] of Object.entries(outcome.struck)) count(world.counts.faults, `- at ${step}`, times);
    for (const finding of outcome.findings) world.find(finding);
  }
  await lab.dispose();
}

await Promise.all([
  breakObjects(),
  ...owners.map(({ run }) => run()),
  ...Array.from({ length: 4 }, () => runCaller(world)),
  runImageCaller(
    world,
    () => image.pipeline.url ?? '',
    digits,
    (path) => new Uint8Array(readFileSync(join(digits.folder, path))),
  ),
  runFaults(world, () => owners.map(({ accountId }) => accountId())),
  watch(),
]);

// All is well again: everything that was acknowledged is there, and every secret is answered as its owner was told.
await sleep(UNTOLD_MS);
for (const owner of owners) await owner.check();
await checkUsage();
await checkAll('afterwards');
await stand.kill();
await stand.start();
// What KV takes in the end must be the truth as well: this process has seen nothing else.
await checkAll('by a new process');
for (const owner of owners) await owner.check();
checkKv();
const found = createSecretFinder(world.secrets).find(stand.logs.join(''));
if (found.length > 0) world.find(`the log holds ${found.join(', ')}`);
if (mostResident > RESIDENT_MB) world.find(`the process took ${mostResident} MB`);
report();
await stand.dispose();
process.exit(findings.length === 0 ? 0 : 1);

async function checkAll(when: string): Promise<void> {
  const before = findings.length;
  for (const history of world.histories.values()) {
    // Nothing that was before may still be seen.
    history.spans.splice(0, history.spans.length, ...history.spans.filter(({ until }) => until > Date.now()));
    const { spans } = history;
    if (spans.length === 0) spans.push({ truth: GONE, from: 0, until: Number.POSITIVE_INFINITY, endedBy: 0 });
    await callOnce(world, history);
  }
  if (findings.length > before) console.error(`(${when})`);
}

function checkKv(): void {
  for (const history of world.histories.values()) {
    const bytes = stand.kv.get(history.key);
    const record =
      bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString()) as { state: string; version: number });
    const truth = present(history);
    const wanted = truth.kind === 'version' ? `active ${truth.version}` : truth.kind === 'off' ? 'inactive' : 'nothing';
    const there = record === null ? 'nothing' : record.state === 'active' ? `active ${record.version}` : record.state;
    if (wanted !== there) world.find(`KV holds ${there} in the end instead of ${wanted}`);
  }
}

/** Within what docs/management.md says: an isolate that dies takes what it has not told. */
async function checkUsage(): Promise<void> {
  for (const owner of owners) {
    for (const { id } of owner.models.values()) {
      const { answeredAt, unanswered } = world.usage.get(id) ?? { answeredAt: [], unanswered: 0 };
      const { body } = await owner.call<{ hours: { predictions: number }[] }>('GET', `/v1/models/${id}/usage`);
      const told = body.hours.reduce((sum, { predictions }) => sum + predictions, 0);
      const near = answeredAt.filter((at) => world.breaks.some((b) => at <= b.until && at > b.at - UNTOLD_MS)).length;
      count(world.counts.operations, 'predictions received', answeredAt.length);
      count(world.counts.operations, 'predictions counted', told);
      const isRight = told >= answeredAt.length - near && told <= answeredAt.length + near + unanswered;
      if (!isRight) world.find(`${told} predictions were counted of ${answeredAt.length} (${near} near a break)`);
    }
  }
}

function report(): void {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, n]) => `  ${String(n).padStart(8)}  ${name}`)
      .join('\n');
  const { calls, operations, faults } = world.counts;
  const requests = Object.values(calls).reduce((sum, n) => sum + n, 0);
  console.log(`\n${requests} requests of callers:\n${list(calls)}\nOperations of owners:\n${list(operations)}`);
  console.log(`Faults:\n${list(faults)}\nQuestions to KV:\n${list(stand.kv.counts)}`);
  console.log(`${world.histories.size} secrets, ${Math.round(mostResident)} MB of memory at most.`);
  console.log(findings.length === 0 ? `Nothing was lost.` : `${findings.length} findings, with --seed ${seed}.`);
}
