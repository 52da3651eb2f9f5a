// Whether a version may go live: its model is loaded where it will serve, and its golden rows are predicted through the
// very path that callers take. Their answers must be those of the import.
import { ADMIT_ALL } from './admission.ts';
import { AppError } from './errors.ts';
import { EngineCrash, InferenceError } from './inference/runtime.ts';
import type { SessionCache } from './inference/sessions.ts';
import { LIMITS } from './limits.ts';
import { type PredictDeps, predict } from './predict.ts';
import type { GoldenRow } from './registry/account-api.ts';
import type { CheckOutcome } from './registry/deployment.ts';
import type { Reader } from './registry/reader.ts';
import type { PipelineRecord } from './registry/records.ts';
import { UNMETERED } from './usage/usage.ts';

type Answer = GoldenRow['answer'];

/** Throws only what nobody expected. */
export async function checkVersion(
  deps: PredictDeps,
  record: PipelineRecord,
  golden: readonly GoldenRow[],
): Promise<CheckOutcome> {
  try {
    if (golden.length === 0) {
      await deps.sessions.get(record.model, () => deps.reader.readModel(record.model));
      return { ok: true };
    }
    const answers = await predictGolden(deps, record, golden);
    const wrong = golden.findIndex(({ answer }, i) => !isSame(answer, answers[i]));
    if (wrong === -1) return { ok: true };
    const reason = `row ${wrong + 1} of its import is answered otherwise than it was then: ${show(answers[wrong])} instead of ${show(golden[wrong]?.answer)}.`;
    return { ok: false, retry: false, reason };
  } catch (error) {
    return toOutcome(error);
  }
}

/**
 * What `record` answers to golden rows, through the path that callers take.
 * @throws AppError
 */
export async function predictGolden(
  deps: { readonly reader: Pick<Reader, 'readModel'>; readonly sessions: SessionCache },
  record: PipelineRecord,
  golden: readonly Pick<GoldenRow, 'row'>[],
): Promise<Answer[]> {
  // The reader knows one pipeline: this one.
  const reader = { findPipeline: () => record, getPipeline: async () => record, readModel: deps.reader.readModel };
  const body = new Blob([JSON.stringify(golden.map(({ row }) => row))]).stream();
  const { body: answers } = await predict(
    { ...deps, reader, admission: ADMIT_ALL, usage: UNMETERED },
    {
      secret: '',
      search: '',
      accept: 'application/json',
      body,
      contentType: 'application/json',
      contentEncoding: null,
      requestId: 'check',
    },
  );
  return JSON.parse(await new Response(answers).text()) as Answer[];
}

function toOutcome(error: unknown): CheckOutcome {
  const cause = error instanceof AppError ? error.details.cause : error;
  if (cause instanceof EngineCrash) return refuse('its model stops the engine. It probably needs too much memory.');
  if (cause instanceof InferenceError) return refuse(`the engine refuses it: ${cause.message}`);
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'model_unavailable') return { ok: false, retry: true, reason: error.message };
  const [issue] = error.details.issues ?? [];
  return refuse(`a row of its import is no longer answered: ${issue?.message ?? error.message}`);
}

function refuse(reason: string): CheckOutcome {
  return { ok: false, retry: false, reason };
}

/** Numbers may differ by what other kernels make of float32; names and classes may not. */
export function isSame(expected: Answer, found: Answer | undefined): boolean {
  if (found === undefined) return false;
  const a = [expected.prediction].flat();
  const b = [found.prediction].flat();
  if (a.length !== b.length || !a.every((value, i) => isSameValue(value, b[i]))) return false;
  const { probability } = expected;
  if (probability === undefined || found.probability === undefined) return true;
  return (
    probability.length === found.probability.length && probability.every((p, i) => isNear(p, found.probability?.[i]))
  );
}

function isSameValue(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' ? isNear(a, b) : String(a) === String(b);
}

function isNear(a: number, b: number | undefined): boolean {
  if (b === undefined) return false;
  return Math.abs(a - b) <= LIMITS.CHECK_TOLERANCE * (1 + Math.max(Math.abs(a), Math.abs(b)));
}

function show(answer: Answer | undefined): string {
  return (JSON.stringify(answer?.prediction) ?? 'nothing').slice(0, LIMITS.ECHO_CHARACTERS);
}
