// The life of a pipeline, as a pure function of its state and what happens to it. A version on its way (the candidate)
// is first checked, then published; what serves keeps serving until then. What arrives late changes nothing.

/** A version on its way to being live. */
export interface Candidate {
  readonly version: number;
  /** checking: its golden rows are being run; publishing: they passed, and KV is being told. */
  readonly stage: 'checking' | 'publishing';
  /** The number of this deployment: an outcome of an earlier one is told apart by it. */
  readonly deployment: number;
  /** Why it takes longer, or null. */
  readonly reason: string | null;
}

export type PipelineState =
  /** `version` is the one that was live or tried last; `reason`: why it was paused, where its owner did not do it. */
  | { readonly status: 'inactive'; readonly version: number | null; readonly reason?: string }
  | { readonly status: 'deploying'; readonly candidate: Candidate }
  /** `reason`: why the last candidate did not take over, or null. */
  | {
      readonly status: 'active';
      readonly version: number;
      readonly activatedAt: string;
      readonly candidate: Candidate | null;
      readonly reason: string | null;
    }
  | { readonly status: 'failed'; readonly version: number; readonly reason: string };

export type PipelineEvent =
  | { readonly type: 'activate'; readonly version: number; readonly deployment: number }
  /** The candidate passed its checks. */
  | { readonly type: 'pass'; readonly deployment: number }
  /** It did not, and never will. */
  | { readonly type: 'fail'; readonly deployment: number; readonly reason: string }
  /** Something is in the way that may go away. */
  | { readonly type: 'delay'; readonly deployment: number; readonly reason: string }
  /** KV holds the candidate's record. */
  | { readonly type: 'publish'; readonly deployment: number; readonly at: string }
  | { readonly type: 'deactivate' }
  /** Off, and not by its owner. */
  | { readonly type: 'pause'; readonly reason: string };

export const NEVER_ACTIVE: PipelineState = { status: 'inactive', version: null };

/** @returns the next state; the same object where the event changes nothing. */
export function next(state: PipelineState, event: PipelineEvent): PipelineState {
  switch (event.type) {
    case 'activate':
      return activate(state, event.version, event.deployment);
    case 'deactivate':
      return state.status === 'inactive' ? state : { status: 'inactive', version: getVersion(state) };
    case 'pause':
      return isCounted(state) ? { status: 'inactive', version: getVersion(state), reason: event.reason } : state;
    default: {
      const candidate = findCandidate(state);
      return candidate?.deployment === event.deployment ? advance(state, candidate, event) : state;
    }
  }
}

function activate(state: PipelineState, version: number, deployment: number): PipelineState {
  const pending = findCandidate(state);
  if (pending?.version === version) return state;
  // Back to what is live: there is nothing to check, only a candidate to drop.
  if (state.status === 'active' && state.version === version) {
    return pending === null && state.reason === null ? state : { ...state, candidate: null, reason: null };
  }
  const candidate: Candidate = { version, stage: 'checking', deployment, reason: null };
  return state.status === 'active' ? { ...state, candidate, reason: null } : { status: 'deploying', candidate };
}

function advance(
  state: PipelineState,
  candidate: Candidate,
  event: Exclude<PipelineEvent, { type: 'activate' | 'deactivate' | 'pause' }>,
): PipelineState {
  switch (event.type) {
    case 'pass':
      if (candidate.stage !== 'checking') return state;
      return withCandidate(state, { ...candidate, stage: 'publishing', reason: null });
    case 'delay':
      if (candidate.reason === event.reason) return state;
      return withCandidate(state, { ...candidate, reason: event.reason });
    case 'fail':
      if (candidate.stage !== 'checking') return state;
      return state.status === 'active'
        ? { ...state, candidate: null, reason: `Version ${candidate.version} is not live: ${event.reason}` }
        : { status: 'failed', version: candidate.version, reason: event.reason };
    case 'publish':
      if (candidate.stage !== 'publishing') return state;
      return { status: 'active', version: candidate.version, activatedAt: event.at, candidate: null, reason: null };
  }
}

function withCandidate(state: PipelineState, candidate: Candidate): PipelineState {
  return state.status === 'active' ? { ...state, candidate } : { status: 'deploying', candidate };
}

export function findCandidate(state: PipelineState): Candidate | null {
  return state.status === 'active' || state.status === 'deploying' ? state.candidate : null;
}

/** The version that serves, else the one that was last on its way; null before the first. */
export function getVersion(state: PipelineState): number | null {
  return state.status === 'deploying' ? state.candidate.version : state.version;
}

/** What KV is to hold: the version that callers are answered with, or null where they are refused. */
export function getPublished(state: PipelineState): number | null {
  const candidate = findCandidate(state);
  if (candidate?.stage === 'publishing') return candidate.version;
  return state.status === 'active' ? state.version : null;
}

/** Whether the pipeline takes a place of the plan: from the decision to activate it until it is off. */
export function isCounted(state: PipelineState): boolean {
  return state.status === 'active' || state.status === 'deploying';
}

/** Whether `state` may become active, given how many of the account's other pipelines count (the tutorial's does not). */
export function hasPlace(state: PipelineState, others: number, places: number): boolean {
  return isCounted(state) || others < places;
}
