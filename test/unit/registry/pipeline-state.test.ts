import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  findCandidate,
  getPublished,
  getVersion,
  hasPlace,
  isCounted,
  NEVER_ACTIVE,
  next,
  type PipelineEvent,
  type PipelineState,
} from '../../../worker/registry/pipeline-state.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';
const checking: Candidate = { version: 2, stage: 'checking', deployment: 5, reason: null };
const publishing: Candidate = { ...checking, stage: 'publishing' };

const inactive: PipelineState = { status: 'inactive', version: 1 };
const failed: PipelineState = { status: 'failed', version: 2, reason: 'bad' };
const active: PipelineState = { status: 'active', version: 1, activatedAt: AT, candidate: null, reason: null };
const deploying = (candidate: Candidate): PipelineState => ({ status: 'deploying', candidate });
const replacing = (candidate: Candidate): PipelineState => ({ ...active, candidate }) as PipelineState;
const complaining: PipelineState = { ...active, reason: 'Version 2 is not live: bad' } as PipelineState;

const activate = (version: number, deployment = 6): PipelineEvent => ({ type: 'activate', version, deployment });
const pass: PipelineEvent = { type: 'pass', deployment: 5 };
const fail: PipelineEvent = { type: 'fail', deployment: 5, reason: 'bad' };
const delay: PipelineEvent = { type: 'delay', deployment: 5, reason: 'slow' };
const publish: PipelineEvent = { type: 'publish', deployment: 5, at: LATER };
const deactivate: PipelineEvent = { type: 'deactivate' };
const fresh = (version: number): Candidate => ({ version, stage: 'checking', deployment: 6, reason: null });
const live = { status: 'active', version: 2, activatedAt: LATER, candidate: null, reason: null };

describe.each<[string, PipelineState, [PipelineEvent, unknown][]]>([
  ['never active', NEVER_ACTIVE, [[activate(1), deploying(fresh(1))]]],
  [
    'inactive',
    inactive,
    [
      [activate(1), deploying(fresh(1))],
      [activate(2), deploying(fresh(2))],
    ],
  ],
  [
    'failed',
    failed,
    [
      [activate(2), deploying(fresh(2))],
      [deactivate, { status: 'inactive', version: 2 }],
    ],
  ],
  [
    'checking',
    deploying(checking),
    [
      [activate(3), deploying(fresh(3))],
      [pass, deploying(publishing)],
      [fail, failed],
      [delay, deploying({ ...checking, reason: 'slow' })],
      [deactivate, { status: 'inactive', version: 2 }],
    ],
  ],
  [
    'publishing',
    deploying(publishing),
    [
      [activate(3), deploying(fresh(3))],
      [publish, live],
      [delay, deploying({ ...publishing, reason: 'slow' })],
      [deactivate, { status: 'inactive', version: 2 }],
    ],
  ],
  [
    'active',
    active,
    [
      [activate(2), replacing(fresh(2))],
      [deactivate, inactive],
    ],
  ],
  [
    'active, complaining',
    complaining,
    [
      [activate(1), active],
      [activate(2), replacing(fresh(2))],
      [deactivate, inactive],
    ],
  ],
  [
    'active, checking another',
    replacing(checking),
    [
      [activate(1), active],
      [activate(3), replacing(fresh(3))],
      [pass, replacing(publishing)],
      [fail, complaining],
      [delay, replacing({ ...checking, reason: 'slow' })],
      [deactivate, inactive],
    ],
  ],
  [
    'active, publishing another',
    replacing(publishing),
    [
      [activate(1), active],
      [activate(3), replacing(fresh(3))],
      [publish, live],
      [delay, replacing({ ...publishing, reason: 'slow' })],
      [deactivate, inactive],
    ],
  ],
])('%s', (_, state, transitions) => {
  it.each(transitions)('%j', (event, expected) => {
    expect(next(state, event)).toEqual(expected);
  });

  it('is not moved by anything else', () => {
    const known = transitions.map(([event]) => event);
    for (const event of [activate(1), activate(2), activate(3), pass, fail, delay, publish, deactivate]) {
      if (known.some((each) => JSON.stringify(each) === JSON.stringify(event)) || event.type === 'activate') continue;
      expect(next(state, event)).toBe(state);
    }
    for (const type of ['pass', 'fail', 'delay', 'publish'] as const) {
      expect(next(state, { type, deployment: 4, reason: 'late', at: LATER } as PipelineEvent)).toBe(state);
    }
  });
});

it('activating what is on its way, or live, changes nothing', () => {
  for (const state of [deploying(checking), deploying(publishing), replacing(checking)]) {
    expect(next(state, activate(2))).toBe(state);
  }
  expect(next(active, activate(1))).toBe(active);
});

describe('any history', () => {
  const MODELS = 5;
  const act = fc.record({
    model: fc.nat(MODELS - 1),
    type: fc.constantFrom('activate', 'pass', 'fail', 'delay', 'publish', 'deactivate'),
    version: fc.integer({ min: 1, max: 3 }),
    /** 0: the present deployment; others are late. */
    late: fc.constantFrom(0, 0, 0, 1, 2),
  });

  it.each([1, 2, 4])('never takes more than %i places, and is live only with what KV holds', (places) => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (history) => {
        const states: PipelineState[] = Array.from({ length: MODELS }, () => NEVER_ACTIVE);
        const deployments = states.map(() => 0);
        for (const { model, type, version, late } of history) {
          const state = states[model] ?? NEVER_ACTIVE;
          const others = states.filter((other, i) => i !== model && isCounted(other)).length;
          if (type === 'activate' && !hasPlace(state, others, places)) continue;
          const last = deployments[model] ?? 0;
          const deployment = type === 'activate' ? last + 1 : last - late;
          const after = next(state, { type, version, deployment, reason: 'r', at: AT } as PipelineEvent);
          const candidate = findCandidate(after);
          deployments[model] = Math.max(last, candidate?.deployment ?? 0);
          states[model] = after;

          expect(states.filter(isCounted).length).toBeLessThanOrEqual(places);
          if (type === 'deactivate') expect(getPublished(after)).toBe(null);
          // A version goes live by its own publication alone.
          if (after.status === 'active' && (state.status !== 'active' || state.version !== after.version)) {
            expect(type).toBe('publish');
            expect(findCandidate(state)).toMatchObject({ stage: 'publishing', version: after.version, deployment });
          }
          // What serves is never given up for a candidate that did not pass.
          if (state.status === 'active' && type !== 'deactivate') expect(after.status).toBe('active');
          if (candidate?.stage === 'publishing' && findCandidate(state)?.stage !== 'publishing')
            expect(type).toBe('pass');
          expect(getPublished(after) === null || isCounted(after)).toBe(true);
          if (after.status !== 'inactive') expect(getVersion(after)).not.toBe(null);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
