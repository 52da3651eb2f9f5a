// As much of Cloudflare's API as the real Wrangler needs for a deployment, held in memory, for tests: what is uploaded can
// be looked at, and nothing leaves the machine.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const ACCOUNT_ID = 'a'.repeat(32);

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly text?: string;
  readonly namespace_id?: string;
  readonly service?: string;
}

export interface UploadedWorker {
  readonly metadata: {
    readonly main_module: string;
    readonly bindings: readonly Binding[];
    readonly compatibility_date: string;
    readonly migrations?: { readonly new_tag?: string; readonly old_tag?: string };
    readonly keep_bindings?: readonly string[];
  };
  /** Names of the modules and their bytes. */
  readonly modules: ReadonlyMap<string, number>;
}

export interface FakeCloudflare {
  /** For Wrangler's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly namespaces: { id: string; title: string }[];
  /** By name, each upload. */
  readonly uploads: Map<string, UploadedWorker[]>;
  /** By Worker, then name. */
  readonly secrets: Map<string, Map<string, string>>;
  /** `<subdomain>.workers.dev`, or none yet. */
  subdomain: string | null;
  /** Calls it does not know. */
  readonly unknown: string[];
  close(): Promise<void>;
}

export async function startCloudflare(): Promise<FakeCloudflare> {
  const state = {
    namespaces: [] as FakeCloudflare['namespaces'],
    uploads: new Map<string, UploadedWorker[]>(),
    secrets: new Map<string, Map<string, string>>(),
    subdomain: 'tester' as string | null,
    unknown: [] as string[],
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake');
    const path = url.pathname.replace(/^\/client\/v4/, '').replace(`/accounts/${ACCOUNT_ID}`, '/mine');
    const body = await buffer(request);
    const say = (status: number, rest: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ success: status < 300, errors: [], messages: [], ...rest }));
    };
    const ok = (result: unknown): void => say(200, { result, result_info: { page: 1, per_page: 100, total_count: 1 } });
    const no = (status: number, code: number, message: string): void =>
      say(status, { result: null, errors: [{ code, message }] });
    const [, script, rest = ''] = /^\/mine\/workers\/(?:scripts|services)\/([\w-]+)(\/.*)?$/.exec(path) ?? [];
    const call = `${request.method} ${script === undefined ? path : rest}`;

    if (request.headers.authorization !== 'Bearer fake') return no(401, 10000, 'Authentication error');
    if (call === 'GET /user') return ok({ id: 'user', email: 'tester@example.com' });
    if (call === 'GET /user/tokens/verify') return ok({ id: 'token', status: 'active' });
    if (call === 'GET /accounts') return ok([{ id: ACCOUNT_ID, name: 'Tester' }]);
    if (call === 'GET /memberships') return ok([{ id: 'one', account: { id: ACCOUNT_ID, name: 'Tester' } }]);
    if (call === 'GET /mine/storage/kv/namespaces') {
      return ok(Number(url.searchParams.get('page') ?? 1) > 1 ? [] : state.namespaces);
    }
    if (call === 'POST /mine/storage/kv/namespaces') {
      const { title } = JSON.parse(body.toString()) as { title: string };
      const made = { id: (state.namespaces.length + 1).toString(16).padStart(32, 'b'), title };
      state.namespaces.push(made);
      return ok(made);
    }
    if (call === 'GET /mine/workers/subdomain') {
      return state.subdomain === null ? no(404, 10007, 'no subdomain') : ok({ subdomain: state.subdomain });
    }
    if (call === 'GET /mine/workers/scripts') {
      // From which Wrangler learns which migrations have run.
      return ok(
        [...state.uploads].map(([id, uploads]) => ({
          id,
          migration_tag: uploads.findLast(({ metadata }) => metadata.migrations !== undefined)?.metadata.migrations
            ?.new_tag,
        })),
      );
    }
    if (script === undefined) {
      state.unknown.push(call);
      return no(404, 7003, 'unknown');
    }

    // All files of the page are there already.
    if (call === 'POST /assets-upload-session') return ok({ jwt: 'assets', buckets: [] });
    const uploads = state.uploads.get(script);
    const isUpload = call === 'PUT ' || call === 'POST /versions';
    if (uploads === undefined && !isUpload) {
      return no(404, call === 'GET ' ? 10090 : 10007, 'This Worker does not exist on your account.');
    }
    if (isUpload) {
      const type = request.headers['content-type'] ?? '';
      const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData();
      const metadata = JSON.parse(String(form.get('metadata'))) as UploadedWorker['metadata'];
      const files = [...form.values()].filter((value) => typeof value !== 'string');
      state.uploads.set(script, [
        ...(uploads ?? []),
        { metadata, modules: new Map(files.map(({ name, size }) => [name, size])) },
      ]);
      const secrets = state.secrets.get(script) ?? new Map<string, string>();
      for (const { type, name, text } of metadata.bindings) if (type === 'secret_text') secrets.set(name, text ?? '');
      state.secrets.set(script, secrets);
      const id = `00000000-0000-4000-8000-${String(state.uploads.get(script)?.length).padStart(12, '0')}`;
      const resources = { script: { etag: id } };
      return ok({ id, tag: script, deployment_id: id, startup_time_ms: 10, metadata: {}, resources });
    }
    switch (call) {
      case 'GET ':
        return ok({ id: script, default_environment: { environment: 'production', script: { tag: script } } });
      case 'GET /secrets':
        return ok([...(state.secrets.get(script)?.keys() ?? [])].map((name) => ({ name, type: 'secret_text' })));
      case 'GET /deployments':
        return ok({
          deployments: [{ id: script, source: 'wrangler', versions: [{ version_id: script, percentage: 100 }] }],
        });
      case 'POST /deployments':
      case 'PATCH /script-settings':
        return ok({});
      case 'GET /subdomain':
      case 'POST /subdomain':
        return ok({ enabled: true, previews_enabled: false });
      default:
        state.unknown.push(call);
        return no(404, 7003, 'unknown');
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    env: { CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`, CLOUDFLARE_API_TOKEN: 'fake' },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
