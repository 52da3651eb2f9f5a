// What the console says of reports, events and states is true of them.
import { describe, expect, it } from 'vitest';
import { findMetric } from '../../../../playground/src/console/agreement.ts';
import { toEventWords, toSteps } from '../../../../playground/src/console/event-words.ts';
import { toStateWords } from '../../../../playground/src/console/model/state-words.ts';
import { findFeatureNotes, findNotes } from '../../../../playground/src/console/review/notes.ts';
import { toAgo, toDomain, toShape, toSize } from '../../../../playground/src/console/words.ts';
import type { ConsoleModel, ConsolePipeline } from '../../../../playground/wire.ts';
import type { Event } from '../../../../worker/contract.ts';

describe('the agreement', () => {
  const accuracy = (value: number) =>
    findMetric({ test_run: { rows: 9, agreement: { metric: 'accuracy', value, rows: 9, majority: 0.5 } } });

  it('never rounds up to perfect', () => {
    expect(accuracy(1)?.value).toBe('1.00');
    expect(accuracy(0.9996)?.value).toBe('0.999');
    expect(accuracy(0.9996)?.meaning).toMatch(/^99\.9 % of 9 rows/);
    expect(accuracy(0.9666)?.value).toBe('0.97');
  });

  it('says what guessing reaches, and warns where the report does', () => {
    expect(accuracy(0.8)).toMatchObject({ name: 'accuracy', baseline: 0.5, warning: null });
    const agreement = { metric: 'r2' as const, value: -2, rows: 20, rmse: 83.4, warning: 'farther than its mean' };
    expect(findMetric({ test_run: { rows: 20, agreement } })).toMatchObject({
      name: 'R²',
      share: 0,
      warning: 'farther than its mean',
      meaning: expect.stringContaining('off by 83.4'),
    });
  });

  it('is none where nothing was measured', () => {
    expect(findMetric({})).toBeNull();
    expect(findMetric({ test_run: null })).toBeNull();
    expect(findMetric({ test_run: { rows: 3, agreement: null } })).toBeNull();
  });
});

describe('events', () => {
  const event = (name: string, version: number | null = 2): Event => ({
    at: '2026-11-24T09:00:00.000Z',
    actor: 'owner',
    event: name,
    status: null,
    version,
    reason: null,
  });

  it('are sentences, and an unknown one is its own name', () => {
    expect(toEventWords(event('activated'))).toEqual({ text: 'Version 2 went live', by: 'you', tone: 'good' });
    expect(toEventWords(event('activation_requested')).text).toBe('Activation of version 2 asked for');
    expect(toEventWords(event('something_new')).text).toBe('something new');
  });

  it('tell how far the newest deployment is', () => {
    const states = (...names: string[]) => toSteps(names.map((name) => event(name))).map(({ state }) => state);
    expect(states('activation_requested', 'activated')).toEqual(['now', 'next']);
    expect(states('checks_passed', 'activation_requested')).toEqual(['done', 'now']);
    expect(states('activated', 'checks_passed', 'activation_requested')).toEqual(['done', 'done']);
    expect(states('secret_rotated', 'activated', 'activation_requested')).toEqual(['now']);
    expect(states()).toEqual(['now', 'next']);
  });
});

describe('the state', () => {
  const model = (pipeline: Partial<ConsolePipeline>): ConsoleModel => ({
    id: 'model_1',
    name: 'M',
    created_at: '2026-11-24T09:00:00.000Z',
    tutorial: false,
    task: 'regression',
    label: null,
    classes: null,
    features: [],
    versions: [3, 2, 1].map((version) => ({
      version,
      created_at: '2026-11-24T09:00:00.000Z',
      source: 'upload' as const,
      task: 'regression' as const,
      size_bytes: 1,
      digest: '',
    })),
    report: {},
    pipeline: {
      status: 'inactive',
      version: null,
      activated_at: null,
      daily_cap: 1000,
      on_cap: 'refuse',
      ...pipeline,
    },
    page_calls: { calls: 0, last_at: null, origins: [] },
  });

  it('before and after the first activation', () => {
    expect(toStateWords(model({}), null).detail).toMatch(/get its secret URL/);
    expect(toStateWords(model({ version: 1 }), null).detail).toMatch(/refused with 403.*version 3 goes live/);
  });

  it('when its cap is reached, and when that has switched it off', () => {
    const until = '2026-11-25T00:00:00.000Z';
    const limited = toStateWords(model({ status: 'active', version: 1, limited_until: until }), null);
    expect(limited.state).toBe('Active, but its daily cap is reached');
    expect(limited.detail).toMatch(/429.*25 Nov 2026/);
    const paused = toStateWords(model({ version: 1, reason: 'Paused: the cap.' }), null);
    expect(paused).toMatchObject({ state: 'Off', problem: 'Paused: the cap.' });
  });

  it('while another version is on its way, and when it did not pass', () => {
    expect(toStateWords(model({ status: 'active', version: 2, candidate: 3 }), null)).toEqual({
      state: 'Active; version 3 is on its way…',
      detail: 'Version 2 answers until version 3 has passed its checks.',
      problem: null,
    });
    expect(
      toStateWords(model({ status: 'active', version: 2, reason: 'Version 3 is not live: x' }), null).problem,
    ).toBe('Version 3 is not live: x');
    expect(toStateWords(model({ status: 'failed', version: 3, reason: 'why' }), null)).toMatchObject({
      state: 'Version 3 could not be activated',
      problem: 'why',
    });
  });

  it('is at once what was asked for', () => {
    expect(toStateWords(model({ version: 1 }), { on: true }).state).toBe('Deploying…');
    expect(toStateWords(model({ version: 1 }), { on: true, version: 2 }).detail).toMatch(/^Version 2 /);
    expect(toStateWords(model({ status: 'active', version: 1 }), { on: false }).state).toBe('Switching off…');
  });
});

it('notes stand by the fields they speak of', () => {
  const notes = [
    'The column "rentEur" was taken to be the label. Give "label" if it is another.',
    'The input "x" was taken to be an image: 8 by 8 pixels, RGB, NCHW, pixels from 0 to 1. State "preprocess" in the manifest if training did otherwise.',
    'The output "y" holds logits: softmax makes probabilities of them.',
  ];
  expect(findNotes(notes, 'label')).toEqual([notes[0]]);
  expect(findNotes(notes, 'image')).toEqual([notes[1]]);
  expect(findNotes(notes, 'classes')).toEqual([notes[2]]);
  expect(findFeatureNotes(notes, 'x')).toEqual([notes[1]]);
  expect(findFeatureNotes(notes, 'rent')).toEqual([]);
});

it('sizes, times and shapes read well', () => {
  expect([1, 999, 84_900, 26_214_400].map(toSize)).toEqual(['1 byte', '999 bytes', '82.9 KiB', '25 MiB']);
  const now = Date.parse('2026-11-24T09:00:00.000Z');
  const ago = (seconds: number) => toAgo(new Date(now - seconds * 1000).toISOString(), now);
  expect([5, 60, 7200, 90_000].map(ago)).toEqual(['just now', '1 minute ago', '2 hours ago', '1 day ago']);
  expect(ago(40 * 86_400)).toContain('2026');
  expect(toShape({ features: [1], classes: [1, 2] })).toBe('1 feature, 2 classes');
  expect(toDomain({ name: 'y', type: 'integer', range: { min: 1880, max: 2024 } })).toBe('1880 to 2024');
  expect(toDomain({ name: 'p', type: 'string', values: ['a', 'b'], closed: true })).toBe('only a, b');
});
