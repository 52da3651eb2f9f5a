// A run as the page sees it: from a file to its end, its interruption, its cancelling, and a new beginning.
import { describe, expect, it, vi } from 'vitest';
import { createRunStore, type RunState } from '../../../../playground/src/csv/store.ts';
import { ApiFailure } from '../../../../playground/src/transport.ts';
import { answer, errorOf, fakeDeps, rowsOf, schemaOf } from './support.ts';

const file = (rows: number) =>
  new File([`a,b\n${Array.from({ length: rows }, (_, i) => `${i + 1},0\n`).join('')}`], 'rows.csv');
const until = (store: { getState(): RunState }, phase: RunState['phase']) =>
  vi.waitFor(() => expect(store.getState().phase).toBe(phase), { timeout: 5000 });

describe('a run', () => {
  it('goes from a file to its answers', async () => {
    const { deps } = fakeDeps(answer);
    const store = createRunStore(deps);
    const phases = new Set<string>();
    store.subscribe(() => phases.add(store.getState().phase));
    store.start(file(2000), schemaOf());
    await until(store, 'done');
    const state = store.getState();
    expect([...phases]).toEqual(['idle', 'running', 'done']);
    expect(state).toMatchObject({ name: 'rows.csv', rows: 2000, share: 1, secondsLeft: null, failure: null });
    expect(state.summary).toMatchObject({ rows: 2000, columns: [{ min: 10, max: 20_000, mean: 10_005 }] });
    expect(state.preview?.rows).toHaveLength(100);
    expect((await state.downloads?.answers.toBlob().text())?.split('\n')).toHaveLength(2002);
  });

  it('stops where nothing answers, and goes on from there', async () => {
    let isDown = true;
    const { deps } = fakeDeps((body) => {
      if (isDown && rowsOf(body).includes('600,0')) throw new ApiFailure(500, errorOf('internal'));
      return answer(body);
    });
    const store = createRunStore(deps);
    store.start(file(2000), schemaOf());
    await until(store, 'stopped');
    expect(store.getState()).toMatchObject({ rows: 500, failure: { kind: 'interrupted' } });
    expect(await store.getState().downloads?.answers.toBlob().text()).toMatch(/\n5000\n$/);
    isDown = false;
    store.goOn();
    expect(store.getState()).toMatchObject({ phase: 'running', failure: null });
    await until(store, 'done');
    expect((await store.getState().downloads?.answers.toBlob().text())?.split('\n')).toHaveLength(2002);
  });

  it('can be cancelled, and keeps what it has', async () => {
    const { deps } = fakeDeps((body) => (rowsOf(body).includes('600,0') ? new Promise(() => undefined) : answer(body)));
    const hanging = {
      ...deps,
      post: (body: string, signal: AbortSignal) =>
        Promise.race([
          deps.post(body, signal),
          new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]),
    };
    const store = createRunStore(hanging);
    store.start(file(2000), schemaOf());
    await vi.waitFor(() => expect(store.getState().rows).toBe(500));
    store.cancel();
    await until(store, 'cancelled');
    expect(store.getState()).toMatchObject({ rows: 500, failure: null });
    expect(store.getState().downloads).not.toBeNull();
    store.goOn();
    expect(store.getState().phase).toBe('cancelled');
  });

  it('leaves nothing of itself to the next one', async () => {
    const { deps } = fakeDeps(answer);
    const store = createRunStore(deps);
    store.start(file(30_000), schemaOf());
    store.start(file(3), schemaOf());
    await until(store, 'done');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(store.getState()).toMatchObject({ phase: 'done', rows: 3 });
    store.start(file(30_000), schemaOf());
    store.clear();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(store.getState()).toMatchObject({ phase: 'idle', rows: 0, name: '', downloads: null });
  });
});
