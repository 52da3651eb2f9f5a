// A whole run against a server that answers, limits, fails and breaks off.
import { describe, expect, it } from 'vitest';
import { readChunks } from '../../../../playground/src/csv/chunks.ts';
import { RunStopped } from '../../../../playground/src/csv/failure.ts';
import { ChunkQueue, predictChunks } from '../../../../playground/src/csv/run.ts';
import type { Wait } from '../../../../playground/src/csv/send.ts';
import { ApiFailure } from '../../../../playground/src/transport.ts';
import { answer, collect, errorOf, fakeDeps, piecesOf, rowsOf, schemaOf } from './support.ts';

const ROWS = 12_000;
const FILE = `a,b\n${Array.from({ length: ROWS }, (_, i) => `${i + 1},0\n`).join('')}`;
const EXPECTED = Array.from({ length: ROWS }, (_, i) => String((i + 1) * 10));
const queueOf = (text = FILE) => new ChunkQueue(readChunks(piecesOf(text, 10_000), schemaOf()));
const isWithin = (body: string, row: number) => rowsOf(body).some((line) => line === `${row},0`);

async function run(queue: ChunkQueue, post: Parameters<typeof fakeDeps>[0], signal = new AbortController().signal) {
  const { deps, bodies, sleeps } = fakeDeps(post);
  const lines: string[] = [];
  const waits: (Wait | null)[] = [];
  let failure: unknown;
  try {
    for await (const { chunk, answers } of predictChunks(queue, deps, signal, (wait) => waits.push(wait))) {
      expect(answers.lines).toHaveLength(chunk.records.length);
      expect(chunk.firstRow).toBe(lines.length + 1);
      lines.push(...answers.lines);
    }
  } catch (error) {
    failure = error instanceof RunStopped ? error.failure : error;
  }
  return { lines, bodies, sleeps, waits, failure };
}

describe('a run', () => {
  it('answers every row in the order of the file, two requests at a time', async () => {
    let flying = 0;
    let most = 0;
    const { lines, failure } = await run(queueOf(), async (body, call) => {
      most = Math.max(most, ++flying);
      // The second of two is answered first.
      await new Promise((resolve) => setTimeout(resolve, call % 2 === 0 ? 0 : 15));
      flying -= 1;
      return answer(body);
    });
    expect(failure).toBeUndefined();
    expect(lines).toEqual(EXPECTED);
    expect(most).toBe(2);
  });

  it('waits for a limit as long as it says, and goes on', async () => {
    const { lines, sleeps, waits, failure } = await run(queueOf(), (body, call) => {
      if (call === 3) throw new ApiFailure(429, errorOf('rate_limited'), 7);
      return answer(body);
    });
    expect(failure).toBeUndefined();
    expect(sleeps).toEqual([7000]);
    expect(waits).toEqual([{ seconds: 7, why: 'limit' }, null]);
    expect(lines).toEqual(EXPECTED);
  });

  it('does not wait for tomorrow', async () => {
    const { sleeps, failure } = await run(queueOf(), () => {
      throw new ApiFailure(429, errorOf('daily_limit'), 20_000);
    });
    expect(sleeps).toEqual([]);
    expect(failure).toMatchObject({ kind: 'interrupted', detail: '429 daily_limit, request 1f2e3d4c' });
  });

  it('asks a few times where nothing answers, then stops where it can go on', async () => {
    const queue = queueOf();
    const first = await run(queue, (body) => {
      if (isWithin(body, 7000)) throw new ApiFailure(0, errorOf('api_unreachable'));
      return answer(body);
    });
    expect(first.sleeps).toEqual([1000, 2000, 4000, 8000]);
    expect(first.failure).toMatchObject({ kind: 'interrupted' });
    expect(first.lines).toEqual(EXPECTED.slice(0, 5500));
    const rest: string[] = [];
    const { deps } = fakeDeps(answer);
    for await (const { answers } of predictChunks(queue, deps, new AbortController().signal, () => undefined)) {
      rest.push(...answers.lines);
    }
    expect([...first.lines, ...rest]).toEqual(EXPECTED);
  });

  it('goes on in the middle of a chunk whose answers broke off', async () => {
    const queue = queueOf();
    const broken = (body: string) => {
      const lines = answer(body).split('\n');
      if (!isWithin(body, 600)) return answer(body);
      const json = JSON.stringify(errorOf('model_unavailable')).replaceAll('"', '""');
      return `${lines.slice(0, 1025).join('\n')}\nerror,"${json}"\n`;
    };
    const first = await run(queue, broken);
    expect(first.failure).toMatchObject({ kind: 'interrupted' });
    expect(first.lines).toEqual(EXPECTED.slice(0, 500 + 1024));
    const { deps, bodies } = fakeDeps(answer);
    const rest = await collect(predictChunks(queue, deps, new AbortController().signal, () => undefined));
    expect(rowsOf(bodies[0] ?? '')[0]).toBe('1525,0');
    expect(rest[0]?.chunk.firstRow).toBe(1525);
    expect([...first.lines, ...rest.flatMap(({ answers }) => answers.lines)]).toEqual(EXPECTED);
  });

  it('names the row of the file that is wrong, and keeps what was answered before it', async () => {
    const { lines, failure } = await run(queueOf(), (body) => {
      const at = rowsOf(body).indexOf('7345,0');
      if (at < 0) return answer(body);
      const issues = [{ row: at + 1, feature: 'a', code: 'invalid_value', message: 'a takes a number.' }] as const;
      const json = JSON.stringify(errorOf('invalid_value', { issues: [...issues] })).replaceAll('"', '""');
      return `${answer(body).split('\n').slice(0, 1537).join('\n')}\nerror,"${json}"\n`;
    });
    expect(lines).toEqual(EXPECTED.slice(0, 5500 + 1536));
    expect(failure).toMatchObject({
      kind: 'refused',
      place: { row: 7345, line: 7346, record: '7345,0' },
      issues: [{ row: 7345, column: 'a' }],
    });
  });

  it('trusts no answer that is shorter or longer than what was asked', async () => {
    for (const change of [(text: string) => text.slice(0, -6), (text: string) => `${text}1\n`]) {
      const { lines, failure } = await run(queueOf(), (body) => change(answer(body)));
      expect(lines).toEqual([]);
      expect(failure).toMatchObject({ kind: 'interrupted' });
    }
  });

  it('ends when it is cancelled, with its requests', async () => {
    const stop = new AbortController();
    const signals: AbortSignal[] = [];
    const queue = queueOf();
    const deps = {
      post: (_body: string, signal: AbortSignal) => {
        signals.push(signal);
        if (signals.length === 2) stop.abort();
        return new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      sleep: async () => undefined,
    };
    await expect(collect(predictChunks(queue, deps, stop.signal, () => undefined))).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('predicts what can be read of a file that ends badly, then says so', async () => {
    async function* texts(): AsyncGenerator<string, undefined> {
      yield 'a,b\n1,0\n2,0\n';
      const { UnreadableFile } = await import('../../../../playground/src/csv/source.ts');
      throw new UnreadableFile('no UTF-8');
    }
    const { lines, failure } = await run(new ChunkQueue(readChunks(texts(), schemaOf())), answer);
    expect(lines).toEqual(['10', '20']);
    expect(failure).toMatchObject({ kind: 'unreadable', message: 'no UTF-8' });
  });
});
