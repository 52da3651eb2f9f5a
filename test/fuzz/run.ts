// Fuzzed requests against the built Worker: sends, judges, and between them asks what must not have been disturbed.
import fc from 'fast-check';
import type { Model } from '../../worker/contract.ts';
import { tutorialUpload } from '../support/models.ts';
import { createOwner, type Owner } from '../support/owner.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';
import { createCalls, type ManagementCall } from './management.ts';
import { checkAnswer, checkPredictions } from './oracle.ts';
import { createRequests, type FuzzRequest } from './requests.ts';
import { type Answer, type Request, send } from './send.ts';
import { publishTargets, type Targets } from './targets.ts';

const TUTORIAL_QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const TUTORIAL_ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
/** What only the other account sends. */
const CANARY = { text: 'canary-of-another-account', number: 2718281 };
/** An import runs the model. */
const SLOW_IMPORT_MS = 5000;
const TRIES = 4;

export interface Fuzz {
  readonly worker: TestWorker;
  /** How many were sent; unread: large bodies that were refused while they were written. */
  readonly sent: { predictions: number; calls: number; unread: number };
  readonly slowest: { predictionMs: number; callMs: number };
  /** How often each status was answered. */
  readonly statuses: Map<number, number>;
  /** Throws fast-check's report of the smallest case where something is found. */
  fuzzPredictions(cases: number, seed: number): Promise<void>;
  fuzzCalls(cases: number, seed: number): Promise<void>;
  /** What must be as ever: the tutorial, another account's answers, the models of a stranger, a log without secrets. */
  checkOthers(): Promise<void>;
  dispose(): Promise<void>;
}

/** @param hangMs a request that takes longer, each time it is tried, hangs. */
export async function startFuzz(models: fc.Arbitrary<Uint8Array>, hangMs: number): Promise<Fuzz> {
  const worker = await startWorker();
  const targets = await publishTargets(worker);
  const owner = await createOwner(worker, 'standard');
  const stranger = await createOwner(worker, 'standard');
  const { id: model } = await owner.add(tutorialUpload('Fuzzed'));
  const { id: foreignModel } = await stranger.add(tutorialUpload('Foreign'));
  await stranger.activate(foreignModel);
  const whom = { token: owner.token, stranger: stranger.token, model, foreignModel };
  const foreign = await stranger.call<Model>('GET', `/v1/models/${foreignModel}`);
  const foreignSecret = foreign.body.pipeline.url?.split('/').at(-1) ?? '';
  const requests = createRequests(targets);
  const calls = createCalls(whom, models);

  const sent = { predictions: 0, calls: 0, unread: 0 };
  const slowest = { predictionMs: 0, callMs: 0 };
  const statuses = new Map<number, number>();

  /** Sends it again where it was slow: the machine may have been busy. */
  async function sendInTime(request: Request, limitMs: number): Promise<Answer | null> {
    let answer = await send(worker.origin, request);
    for (let tries = 1; answer !== null && answer.ms > limitMs; tries += 1) {
      if (tries === TRIES) throw new Error(`took ${Math.round(answer.ms)} ms, each of ${TRIES} times`);
      answer = await send(worker.origin, request);
    }
    if (answer === null) sent.unread += 1;
    else statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    return answer;
  }

  async function checkPrediction(request: FuzzRequest): Promise<void> {
    const path = `/api/${targets.secrets[request.target]}${request.rest}`;
    const answer = await sendInTime({ ...request, path }, hangMs);
    sent.predictions += 1;
    if (answer === null) return;
    slowest.predictionMs = Math.max(slowest.predictionMs, answer.ms);
    checkAnswer(answer, request.method === 'HEAD', [CANARY.text, String(CANARY.number)]);
    checkPredictions(request, answer);
  }

  async function checkCall({ request, as }: ManagementCall): Promise<void> {
    const answer = await sendInTime(request, SLOW_IMPORT_MS);
    sent.calls += 1;
    if (answer === null) return;
    slowest.callMs = Math.max(slowest.callMs, answer.ms);
    const theirs = as === 'stranger' ? [`"id":"${model}"`] : [foreignSecret, `"id":"${foreignModel}"`];
    checkAnswer(answer, false, [...theirs, CANARY.text]);
    if (answer.status === 201 && request.path === '/v1/models') {
      const { id } = JSON.parse(answer.text) as Model;
      await (as === 'owner' ? owner : stranger).call('DELETE', `/v1/models/${id}`);
    }
  }

  return {
    worker,
    sent,
    slowest,
    statuses,
    fuzzPredictions: (cases, seed) => assert(requests, checkPrediction, cases, seed, targets),
    fuzzCalls: (cases, seed) => assert(calls, checkCall, cases, seed, targets, [owner.token, stranger.token]),
    async checkOthers() {
      await checkUndisturbed(targets);
      await checkStranger(stranger, foreignModel);
      if (/pipeline_[0-9a-z]{20}|postern_[0-9a-z]{20}/.test(worker.logs.join('\n')))
        throw new Error('a secret in the log');
    },
    dispose: () => worker.dispose(),
  };
}

async function checkUndisturbed({ iris, others }: Targets): Promise<void> {
  const text = await (await iris(TUTORIAL_QUERY)).text();
  if (text !== TUTORIAL_ANSWER) throw new Error(`the tutorial answers ${text}`);
  const { number, text: word } = CANARY;
  const numbers = await (await others.numbers(`?a=${number}&b=${number}&b=${number}&n=1`)).json();
  if (JSON.stringify(numbers) !== JSON.stringify({ prediction: [number, number, number, 1] })) {
    throw new Error(`another account is answered ${JSON.stringify(numbers)}`);
  }
  const words = await (await others.words(`?s=${word}&f=1`)).json();
  if (JSON.stringify(words) !== JSON.stringify({ prediction: word })) {
    throw new Error(`another account is answered ${JSON.stringify(words)}`);
  }
}

/** Their own tests may switch it off, and rename it. */
async function checkStranger(stranger: Owner, id: string): Promise<void> {
  const { status, body } = await stranger.call<Model>('GET', `/v1/models/${id}`);
  if (status === 200 && body.id === id) return;
  if (status !== 404) throw new Error(`the other account's model is answered with ${status}`);
}

async function assert<T>(
  cases: fc.Arbitrary<T>,
  check: (given: T) => Promise<void>,
  numRuns: number,
  seed: number,
  { secrets }: Targets,
  tokens: readonly string[] = [],
): Promise<void> {
  const result = await fc.check(fc.asyncProperty(cases, check), { numRuns, seed, interruptAfterTimeLimit: 600_000 });
  if (!result.failed) return;
  let report = `${fc.defaultReportMessage(result)}\n${String(result.errorInstance)}`;
  for (const secret of [...Object.values(secrets), ...tokens]) report = report.replaceAll(secret, '…');
  throw new Error(report);
}
