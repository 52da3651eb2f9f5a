// The read side of storage: secret → pipeline record → model bytes, from memory, then KV. Never writes. KV may be behind
// by a minute; where that would show (a record that says "off", a secret that this isolate saw change) the account
// object is asked.
import { AppError, CorruptModel } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createDoubts, isSame } from './doubts.ts';
import type { CreateHash } from './hash.ts';
import { type ModelReference, modelKey, type PipelineRecord, pipelineKey } from './records.ts';
import { isSecret, toDigest } from './secret.ts';

/** What the reader uses of a KV namespace. */
export interface KvReads {
  get(key: string, options: { type: 'json'; cacheTtl: number }): Promise<unknown>;
  get(key: string, options: { type: 'stream' }): Promise<ReadableStream<Uint8Array> | null>;
}

export interface Reader {
  /** @returns an active pipeline that this isolate has read lately, or null. */
  findPipeline(secret: string): PipelineRecord | null;
  /** @returns what this isolate read last of it, however long ago and whatever its state, or null. */
  recall(secret: string): PipelineRecord | null;
  /** @throws AppError pipeline_not_found, pipeline_inactive, or model_unavailable when storage does not answer. */
  getPipeline(secret: string): Promise<PipelineRecord>;
  /** After a deactivation, a rotation or an activation of another version: what memory and KV hold of this secret is not to be trusted for a while. */
  forget(secret: string, accountId: string): void;
  /**
   * A model's bytes as they come from storage: each piece is good until the next one is asked for.
   * @throws AppError model_unavailable where storage does not answer; because of CorruptModel where it answers with other
   *   bytes than the model's, which shows after the last piece.
   */
  readModel(model: ModelReference): AsyncIterable<Uint8Array>;
  /** @throws AppError model_unavailable when storage does not answer. */
  check(): Promise<void>;
}

interface Remembered {
  readonly record: PipelineRecord;
  readonly until: number;
  /** When one request is to read it again, while the others go on with what is here. */
  renewAt: number;
}

/** Asks the account object for the truth about a secret. */
export type Ask = (accountId: string, secretDigest: string) => Promise<PipelineRecord | null>;

/**
 * @param bundled models that came with the Worker, by digest.
 * @param now milliseconds.
 */
export function createReader(
  kv: KvReads,
  bundled: ReadonlyMap<string, Uint8Array>,
  now: () => number,
  ask: Ask,
  createHash: CreateHash,
): Reader {
  // Keyed by the secret itself, which spares the hot path a hash; it lives in this isolate's memory only.
  const remembered = new Map<string, Remembered>();

  const doubts = createDoubts(now, ask);

  async function readRecord(secret: string): Promise<PipelineRecord | null> {
    if (!isSecret(secret)) return null;
    const known = remembered.get(secret);
    if (known !== undefined) known.renewAt = known.until;
    const since = doubts.since(secret);
    const digest = await toDigest(secret);
    let record: PipelineRecord | null;
    try {
      record = doubts.has(secret) ? null : await readKv(digest, known !== undefined).catch(askInstead(known, digest));
    } catch (error) {
      // What is remembered is good to its end, whether anybody answers or not.
      if (known !== undefined && remembered.get(secret) === known && now() < known.until) return known.record;
      throw error;
    }
    // Looked at again: it may have been switched off while KV was being read.
    const truth = await doubts.check(secret, digest, record);
    // What was answered before a change says nothing about the time after it.
    if (doubts.since(secret) !== since && doubts.has(secret)) return readRecord(secret);
    // An unchanged record keeps its identity, and with it everything that was compiled from it.
    const kept = known !== undefined && isSame(known.record, truth) ? known.record : truth;
    remembered.delete(secret);
    if (kept === null || isOver(kept)) return null;
    const seconds = doubts.has(secret) ? LIMITS.DOUBT_CACHE_SECONDS : LIMITS.PIPELINE_CACHE_SECONDS;
    // In doubt it is asked for each second, by whoever comes then.
    const renewSeconds = Math.min(seconds, LIMITS.PIPELINE_RENEW_SECONDS);
    const at = now();
    // Only what is active is trusted: a pipeline that has just been switched on must answer at once.
    const isTrusted = kept.state === 'active';
    const until = isTrusted ? Math.min(at + seconds * 1000, kept.expires_at ?? Number.POSITIVE_INFINITY) : 0;
    const renewAt = Math.min(at + renewSeconds * 1000, until);
    remembered.set(secret, { record: kept, until, renewAt });
    if (remembered.size > LIMITS.PIPELINE_CACHE_ENTRIES) remembered.delete(remembered.keys().next().value ?? '');
    return kept;
  }

  /** A rotated secret ends by the clock: KV may still hold its record, and the account object may not answer. */
  function isOver({ expires_at }: PipelineRecord): boolean {
    return expires_at !== undefined && expires_at <= now();
  }

  /** An outage of KV stops nobody whose account is known: its object holds the truth. */
  function askInstead(known: Remembered | undefined, digest: string) {
    return async (error: unknown): Promise<PipelineRecord | null> => {
      if (known === undefined) throw error;
      const { record } = known;
      // What is off is looked into by whoever doubts it, at a bounded rate.
      return record.state === 'active' ? read(() => inTime(ask(record.account_id, digest))) : record;
    };
  }

  /** @param isKnown there is somebody else to ask. */
  function readKv(digest: string, isKnown: boolean): Promise<PipelineRecord | null> {
    const options = { type: 'json', cacheTtl: LIMITS.KV_CACHE_SECONDS } as const;
    const ms = isKnown ? LIMITS.RENEW_WAIT_MS : LIMITS.LOAD_STALL_MS;
    return read(() => inTime(kv.get(pipelineKey(digest), options) as Promise<PipelineRecord | null>, ms));
  }

  function findPipeline(secret: string): PipelineRecord | null {
    const known = remembered.get(secret);
    return known !== undefined && now() < known.renewAt ? known.record : null;
  }

  async function* readModel({ digest, bytes }: ModelReference): AsyncGenerator<Uint8Array, undefined> {
    const here = bundled.get(digest);
    if (here !== undefined) return yield here;
    const stream = await read(() => inTime(kv.get(modelKey(digest), { type: 'stream' })));
    if (stream === null) throw unavailable('The model is not in storage yet.');
    const reader = stream.getReader({ mode: 'byob' });
    const hash = createHash();
    let left = bytes;
    try {
      // One buffer goes to and fro, so that a model of 24 MB leaves nothing behind for the garbage collector.
      for (let room = new ArrayBuffer(LIMITS.PIECE_BYTES); ; ) {
        const next = await read(() => inTime(reader.read(new Uint8Array(room))));
        if (next.value === undefined || next.done) break;
        left -= next.value.length;
        if (left < 0) break;
        yield next.value;
        await hash.write(next.value);
        room = next.value.buffer;
      }
    } finally {
      // A stream that failed cannot be cancelled, and its own error is on its way already.
      reader.cancel().catch(() => undefined);
    }
    if (left !== 0) throw corrupt('The model in storage is not as long as it should be.');
    if ((await hash.end()) !== digest) throw corrupt('The model in storage is not the one that was uploaded.');
  }

  return {
    findPipeline,
    recall: (secret) => remembered.get(secret)?.record ?? null,
    async getPipeline(secret) {
      const record = findPipeline(secret) ?? (await readRecord(secret));
      if (record === null) {
        throw new AppError('pipeline_not_found', 'There is no pipeline at this URL. Check that it was copied whole.');
      }
      if (record.state !== 'active') {
        throw new AppError('pipeline_inactive', 'This pipeline is switched off. Its owner can activate it.');
      }
      return record;
    },
    forget(secret, accountId) {
      remembered.delete(secret);
      doubts.add(secret, accountId);
    },
    readModel,
    async check() {
      await read(() => kv.get('ready', { type: 'json', cacheTtl: LIMITS.KV_CACHE_SECONDS }));
    },
  };
}

/** What storage does not answer in time, it does not answer. */
async function inTime<T>(answer: Promise<T>, ms: number = LIMITS.LOAD_STALL_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('storage is silent')), ms);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function read<T>(get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (cause) {
    throw unavailable('Storage does not answer.', cause);
  }
}

function corrupt(message: string): AppError {
  return unavailable(message, new CorruptModel(message));
}

export function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('model_unavailable', message, { cause });
}
