// What the console asks of its server: one function per call, one key per answer that is kept.
import type { Account, Event, Usage, Version } from '../../../worker/contract.ts';
import type { ConsoleModel, ConsoleModelList, RevealedUrl, Session } from '../../wire.ts';
import { transport } from '../transport.ts';

export interface EventPage {
  readonly events: readonly Event[];
  readonly next: string | null;
}

export interface ModelPatch {
  readonly name?: string;
  readonly manifest?: object;
  /** null: what the plan gives. */
  readonly daily_cap?: number | null;
  readonly on_cap?: Usage['cap']['on_cap'];
}

const ROOT = '/console/api';

export const keys = {
  all: ['console'],
  session: ['console', 'session'],
  account: ['console', 'account'],
  models: ['console', 'models'],
  model: (id: string) => ['console', 'model', id],
  version: (id: string, version: number) => ['console', 'model', id, 'version', version],
  events: (id: string) => ['console', 'model', id, 'events'],
  usage: (id: string) => ['console', 'model', id, 'usage'],
  steps: (id: string) => ['console', 'model', id, 'steps'],
} as const;

export const consoleApi = {
  getSession: () => transport.json<Session>(`${ROOT}/session`),
  signIn: (token: string) => transport.sendJson<Session>('POST', `${ROOT}/session`, { token }),
  signOut: () => transport.sendJson<undefined>('DELETE', `${ROOT}/session`),
  getAccount: () => transport.json<Account>(`${ROOT}/account`),
  listModels: (cursor: string | null) =>
    transport.json<ConsoleModelList>(`${ROOT}/models${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`),
  getModel: (id: string) => transport.json<ConsoleModel>(toPath(id)),
  getVersion: (id: string, version: number) => transport.json<Version>(toPath(id, `versions/${version}`)),
  listEvents: (id: string, limit: number, cursor: string | null) =>
    transport.json<EventPage>(
      toPath(id, `events?limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`),
    ),
  getUsage: (id: string) => transport.json<Usage>(toPath(id, 'usage')),
  patchModel: (id: string, patch: ModelPatch) => transport.sendJson<ConsoleModel>('PATCH', toPath(id), patch),
  deleteModel: (id: string) => transport.sendJson<undefined>('DELETE', toPath(id)),
  activate: (id: string, version?: number) =>
    transport.sendJson<ConsoleModel>('POST', toPath(id, 'activate'), version === undefined ? {} : { version }),
  deactivate: (id: string) => transport.sendJson<ConsoleModel>('POST', toPath(id, 'deactivate')),
  /** @param graceSeconds how long the old URL goes on serving. */
  rotate: (id: string, graceSeconds: number) =>
    transport.sendJson<ConsoleModel>('POST', toPath(id, 'rotate'), { grace_seconds: graceSeconds }),
  revealUrl: (id: string) => transport.sendJson<RevealedUrl>('POST', toPath(id, 'url')),
};

/** @param id null: a new model; else the model that gets a new version. */
export function toUploadPath(id: string | null): string {
  return id === null ? `${ROOT}/models` : toPath(id, 'versions');
}

function toPath(id: string, rest = ''): string {
  return `${ROOT}/models/${encodeURIComponent(id)}${rest === '' ? '' : `/${rest}`}`;
}
