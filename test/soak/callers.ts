// Callers of every secret there is or was, in all formats: each answer must be the one of a version that was live, or the
// error that the contract names.
import { findDifference, type GivenAnswer } from '../support/answers.ts';
import type { Case } from '../support/corpus.ts';
import { findWrong, GONE, type History, OFF, type Truth, WINDOW_MS } from './history.ts';
import { STEP } from './models.ts';
import { count, pick, sleep, type World, wasDown } from './world.ts';

interface Format {
  readonly name: string;
  readonly many: boolean;
  toRequest(url: string, values: readonly number[]): Request;
  toPredictions(text: string): number[];
}

const one = (text: string) => [(JSON.parse(text) as GivenAnswer).prediction as number];
const post = (url: string, type: string, body: string, accept = 'application/json') =>
  new Request(url, { method: 'POST', headers: { 'Content-Type': type, Accept: accept }, body });

const FORMATS: readonly Format[] = [
  { name: 'GET', many: false, toRequest: (url, [x]) => new Request(`${url}?x=${x}`), toPredictions: one },
  {
    name: 'JSON object',
    many: false,
    toRequest: (url, [x]) => post(url, 'application/json', JSON.stringify({ x })),
    toPredictions: one,
  },
  {
    name: 'JSON array',
    many: true,
    toRequest: (url, values) => post(url, 'application/json', JSON.stringify(values.map((x) => ({ x })))),
    toPredictions: (text) => (JSON.parse(text) as GivenAnswer[]).map(({ prediction }) => prediction as number),
  },
  {
    name: 'CSV',
    many: true,
    toRequest: (url, values) => post(url, 'text/csv', `x\n${values.join('\n')}\n`, 'text/csv'),
    toPredictions: (text) => text.trim().split(/\r?\n/).slice(1).map(Number),
  },
  {
    name: 'NDJSON',
    many: true,
    toRequest: (url, values) =>
      post(url, 'application/x-ndjson', values.map((x) => JSON.stringify({ x })).join('\n'), 'application/x-ndjson'),
    toPredictions: (text) => text.trim().split('\n').flatMap(one),
  },
];

/** An answer takes below five seconds for each of two reads from a silent storage. */
const HANG_MS = 30_000;
const JUST_ABORTED_MS = 8000;

interface Got {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly sentAt: number;
  readonly at: number;
}

/** @returns null where the process was not there. */
async function send(world: World, request: Request, what: string): Promise<Got | null> {
  const sentAt = Date.now();
  const { calls } = world.counts;
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(HANG_MS) });
    const text = await response.text();
    const { status, headers } = response;
    const code = status === 200 ? '' : ` ${toCode(text)}`;
    count(calls, `${status}${code}`);
    if (status >= 500 && status !== 503) world.find(`${what}: ${status}${code}`);
    if (status === 503 && !headers.has('Retry-After')) world.find(`${what}: 503 without Retry-After`);
    return { status, text, headers, sentAt, at: Date.now() };
  } catch (error) {
    if (wasDown(world, sentAt)) count(calls, 'broken off by a kill');
    else world.find(`${what}: no answer: ${error}`);
    return null;
  }
}

function toCode(text: string): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? '?';
}

const numberOf = (prediction: number) => Math.floor(prediction / STEP);

/** @returns what the answer says of its pipeline; null: nothing; a text: it is wrong in itself. */
function toTruth(got: Got, format: Format, values: readonly number[]): Truth | string | null {
  if (got.status === 403 && toCode(got.text) === 'pipeline_inactive') return OFF;
  if (got.status === 404 && toCode(got.text) === 'pipeline_not_found') return GONE;
  if (got.status === 503) return null;
  if (got.status !== 200) return `${got.status} ${toCode(got.text)}`;
  const predictions = format.toPredictions(got.text);
  const number = numberOf(predictions[0] ?? -1);
  const isRight =
    predictions.length === values.length && predictions.every((y, i) => y === number * STEP + (values[i] ?? 0));
  if (!isRight) return `${JSON.stringify(values)} was answered ${got.text.slice(0, 300)}`;
  return { kind: 'version', number, version: Number(got.headers.get('X-Model-Version')) };
}

/** One request under this secret, and what there is to say about its answer. */
export async function callOnce(world: World, history: History): Promise<void> {
  const { random, stand } = world;
  const format = pick(random, FORMATS) ?? (FORMATS[0] as Format);
  const rows = format.many ? 1 + Math.floor(random() ** 3 * 400) : 1;
  const values = Array.from({ length: rows }, () => Math.floor(random() * STEP));
  const url = `${stand.origin}/api/${history.secret}`;
  const modelId = world.modelOf.get(history.secret) ?? '';
  const usage = world.usage.get(modelId);
  const startedAt = stand.startedAt();
  const got = await send(world, format.toRequest(url, values), format.name);
  if (got === null) {
    if (usage !== undefined) usage.unanswered += rows;
    return;
  }
  const truth = toTruth(got, format, values);
  if (typeof truth === 'string') return world.find(`${format.name}: ${truth}`);
  if (truth === null) return checkCold(world, history, got, startedAt);
  if (truth.kind === 'version') {
    for (let i = 0; i < rows; i += 1) usage?.answeredAt.push(got.at);
    history.warm = { startedAt: stand.startedAt(), number: truth.number };
    const known = history.spans.find((span) => span.truth.kind === 'version' && span.truth.number === truth.number);
    if (known?.truth.kind === 'version' && known.truth.version !== truth.version) {
      world.find(`version ${truth.version} says the header, and ${known.truth.version} the answer`);
    }
  }
  const wrong = findWrong(history, truth, got.sentAt, got.at, stand);
  if (wrong !== null) world.find(`${format.name}: ${wrong}`);
}

/** What is in memory goes on whatever storage does: a 503 is for what has to be loaded, or was just changed. */
function checkCold(world: World, { warm, spans }: History, got: Got, startedAt: number): void {
  const wasAborted = world.breaks.some(({ until }) => until >= got.sentAt - JUST_ABORTED_MS);
  if (warm === null || warm.startedAt !== startedAt || world.stand.startedAt() !== startedAt || wasAborted) return;
  const isChanging = spans.filter(({ until }) => until > got.sentAt).length !== 1;
  const last = spans.findLast(({ until }) => until > got.sentAt)?.truth;
  if (isChanging || last?.kind !== 'version' || last.number !== warm.number) return;
  world.find(`a pipeline that is in memory was answered ${toCode(got.text)}`);
}

/** Pages that call, rows that are wrong, and the schema: the same answer whatever the weather. */
async function callOddly(world: World, { secret }: History): Promise<void> {
  const url = `${world.stand.origin}/api/${secret}`;
  if (world.random() < 0.5) {
    const page = await send(world, new Request(`${url}?x=1`, { headers: { Origin: 'https://page.example' } }), 'page');
    if (page !== null && toCode(page.text) !== 'browser_call') world.find(`a page was answered ${page.status}`);
    if (page?.headers.has('Access-Control-Allow-Origin')) world.find('a page got a CORS header');
    return;
  }
  const wrong = await send(world, new Request(`${url}?x=one`), 'wrong row');
  if (wrong !== null && ![400, 403, 404, 503].includes(wrong.status)) world.find(`a wrong row got ${wrong.status}`);
}

export async function runCaller(world: World): Promise<void> {
  while (!world.isOver()) {
    await sleep(5 + world.random() * 20);
    const all = [...world.histories.values()];
    // The newest are what owners work on; old ones must stay dead.
    const history = pick(world.random, world.random() < 0.8 ? all.slice(-30) : all);
    if (history === undefined) continue;
    if (world.random() < 0.05) await callOddly(world, history);
    else await callOnce(world, history);
  }
}

/** The files of an image model that is always on, sent in both ways. */
export async function runImageCaller(
  world: World,
  url: () => string,
  model: Case,
  read: (path: string) => Uint8Array<ArrayBuffer>,
) {
  const startedAt = Date.now();
  const rows = model.rows.filter(({ input }) => String(input.image).endsWith('.png'));
  while (!world.isOver()) {
    await sleep(30 + world.random() * 100);
    const row = pick(world.random, rows);
    if (row === undefined) continue;
    const bytes = read(String(row.input.image));
    const form = new FormData();
    form.set('image', new File([bytes], 'digit.png', { type: 'image/png' }));
    const init = world.random() < 0.5 ? { body: form } : { body: bytes, headers: { 'Content-Type': 'image/png' } };
    const got = await send(world, new Request(url(), { method: 'POST', ...init }), 'image');
    if (got === null || got.status === 503) continue;
    // KV may not know it yet where it is behind.
    if (got.status === 404 && got.sentAt < startedAt + WINDOW_MS) continue;
    if (got.status !== 200) {
      world.find(`an image was answered ${got.status} ${toCode(got.text)}`);
      continue;
    }
    const difference = findDifference(JSON.parse(got.text) as GivenAnswer, row, model.tolerance);
    if (difference !== null) world.find(`an image: ${difference}`);
  }
}
