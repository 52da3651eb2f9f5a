// The audit log in plain words.
import type { Event } from '../../../worker/contract.ts';

export type Tone = 'good' | 'bad' | 'calm';

export interface EventWords {
  readonly text: string;
  readonly by: string;
  readonly tone: Tone;
}

const ACTORS: Record<Event['actor'], string> = {
  owner: 'you',
  admin: 'the administrator',
  system: 'Postern',
};

const SENTENCES: Record<string, readonly [(version: string) => string, Tone]> = {
  imported: [() => 'Uploaded', 'calm'],
  version_added: [(version) => `${version} uploaded`, 'calm'],
  amended: [(version) => `${version} made from an amended manifest`, 'calm'],
  renamed: [() => 'Renamed', 'calm'],
  activation_requested: [(version) => `Activation of ${lower(version)} asked for`, 'calm'],
  // The version that the log holds with these is the live one, not the one on its way.
  checks_passed: [() => 'Checks passed', 'calm'],
  deployment_delayed: [() => 'Deployment delayed', 'bad'],
  deployment_failed: [() => 'Deployment failed', 'bad'],
  activated: [(version) => `${version} went live`, 'good'],
  deactivated: [() => 'Switched off: callers are refused with 403', 'calm'],
  paused: [() => 'Switched off by itself: callers are refused with 403', 'bad'],
  daily_cap_reached: [() => 'Daily cap reached', 'bad'],
  daily_cap_changed: [() => 'Daily cap changed', 'calm'],
  secret_rotated: [() => 'New URL', 'calm'],
  old_url_ended: [() => 'The old URL ended', 'calm'],
  deleted: [() => 'Deleted', 'bad'],
};

export function toEventWords({ event, version, actor }: Event): EventWords {
  const [toSentence, tone] = SENTENCES[event] ?? [() => event.replaceAll('_', ' '), 'calm' as const];
  return { text: toSentence(version === null ? 'The model' : `Version ${version}`), by: ACTORS[actor], tone };
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export interface Step {
  readonly text: string;
  readonly state: 'done' | 'now' | 'next';
}

/**
 * How far the deployment of a version is.
 * @param events the newest first.
 */
export function toSteps(events: readonly Event[]): Step[] {
  const since = events.findIndex(({ event }) => event === 'activation_requested' || event === 'secret_rotated');
  if (events[since]?.event === 'secret_rotated') return [{ text: 'The new URL published', state: 'now' }];
  const names = events.slice(0, Math.max(0, since)).map(({ event }) => event);
  const passed = names.includes('checks_passed');
  const live = names.includes('activated');
  const state = (done: boolean, now: boolean): Step['state'] => (done ? 'done' : now ? 'now' : 'next');
  return [
    { text: 'Loaded, and its answers compared with those of the import', state: state(passed || live, !passed) },
    { text: 'Its URL published', state: state(live, passed) },
  ];
}
