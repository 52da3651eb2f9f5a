// KV as the platform's workerd asks for it, held by a test: down, silent, slow, behind, or with other bytes than it was
// given. What it has taken it keeps, whatever becomes of the Worker.
import { createServer, type ServerResponse } from 'node:http';

export interface KvFaults {
  /** Every question is answered with 500. */
  down?: boolean;
  /** Nothing is answered; what was asked is done and answered when this ends. */
  silent?: boolean;
  /** Before each answer. */
  slowMs?: number;
  /** Records are read as they were so long ago. */
  staleMs?: number;
  /** Models are read with one byte changed, without the second half, or with a byte too many. */
  corrupt?: 'flip' | 'cut' | 'longer' | undefined;
}

export interface FaultyKv {
  readonly port: number;
  /** Replaced as a whole. */
  faults: KvFaults;
  /** How many questions came, by what became of them. */
  readonly counts: { answered: number; failed: number; held: number; stale: number; corrupt: number };
  /** When it took the last write of a key, or 0. */
  writtenAt(key: string): number;
  get(key: string): Uint8Array | null;
  put(key: string, value: Uint8Array): void;
  remove(key: string): void;
  close(): void;
}

interface Entry {
  readonly at: number;
  readonly value: Uint8Array | null;
}

/** Nothing is behind by more. */
const KEPT_MS = 180_000;
const POLL_MS = 20;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function startFaultyKv(): Promise<FaultyKv> {
  /** The newest last. */
  const entries = new Map<string, Entry[]>();
  const counts: FaultyKv['counts'] = { answered: 0, failed: 0, held: 0, stale: 0, corrupt: 0 };

  const latest = (key: string): Entry => entries.get(key)?.at(-1) ?? { at: 0, value: null };

  function write(key: string, value: Uint8Array | null): void {
    const at = Date.now();
    const kept = (entries.get(key) ?? []).filter((entry, i, all) => i === all.length - 1 || entry.at > at - KEPT_MS);
    entries.set(key, [...kept, { at, value }]);
  }

  function read(key: string): Uint8Array | null {
    const { staleMs = 0, corrupt } = kv.faults;
    const { at, value } = latest(key);
    if (key.startsWith('model:')) {
      if (corrupt === undefined || value === null) return value;
      counts.corrupt += 1;
      if (corrupt === 'cut') return value.subarray(0, value.length >> 1);
      if (corrupt === 'longer') return Uint8Array.from([...value, 0]);
      return value.map((byte, i) => (i === value.length >> 1 ? byte ^ 1 : byte));
    }
    if (staleMs === 0 || at <= Date.now() - staleMs) return value;
    counts.stale += 1;
    return entries.get(key)?.findLast((entry) => entry.at <= Date.now() - staleMs)?.value ?? null;
  }

  async function answer(method: string, key: string, body: Uint8Array, response: ServerResponse): Promise<void> {
    if (kv.faults.silent) counts.held += 1;
    while (kv.faults.silent) await sleep(POLL_MS);
    if (kv.faults.slowMs) await sleep(kv.faults.slowMs);
    if (kv.faults.down) {
      counts.failed += 1;
      response.statusCode = 500;
      response.end('down');
      return;
    }
    counts.answered += 1;
    if (method !== 'GET') {
      write(key, method === 'DELETE' ? null : body);
      response.end();
      return;
    }
    const value = read(key);
    response.statusCode = value === null ? 404 : 200;
    response.end(value);
  }

  const server = createServer((request, response) => {
    const key = decodeURIComponent(new URL(request.url ?? '', 'http://kv').pathname.slice(1));
    const pieces: Uint8Array[] = [];
    // A Worker that is killed breaks off what it was writing: that was never taken.
    request.on('data', (piece: Uint8Array) => pieces.push(piece));
    request.on('end', () => void answer(request.method ?? '', key, Buffer.concat(pieces), response));
    response.on('error', () => undefined);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const kv: FaultyKv = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    faults: {},
    counts,
    writtenAt: (key) => latest(key).at,
    get: (key) => latest(key).value,
    put: write,
    remove: (key) => write(key, null),
    close() {
      kv.faults = {};
      server.close();
      server.closeAllConnections();
    },
  };
  return kv;
}
