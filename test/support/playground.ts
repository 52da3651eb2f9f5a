// The built playground in workerd, over real HTTP, with an API behind its service binding that the test holds.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare, type Request as MiniflareRequest, Response as MiniflareResponse } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { ROOT } from './start.ts';

const OUT = join(ROOT, 'dist/playground-test');
export const SESSION_KEY = 'c2Vzc2lvbi1rZXktb2YtdGhpcnR5LXR3by1ieXRlcyE';

export interface Playground {
  readonly origin: string;
  /** Everything it has logged. */
  readonly logs: string[];
  dispose(): Promise<void>;
}

/** Builds once for a test run, as `npm start` does. */
export function setup(): void {
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', 'playground', '--outDir', OUT],
    {
      cwd: ROOT,
      stdio: 'pipe',
      encoding: 'utf8',
      // Vitest's own mode would build React's development version.
      env: {
        ...process.env,
        NODE_ENV: 'production',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        WRANGLER_SEND_METRICS: 'false',
      },
    },
  );
}

/** @param api answers what the playground asks of the API. */
export async function startPlayground(
  bindings: Record<string, string>,
  api: (request: Request) => Promise<Response>,
): Promise<Playground> {
  const folder = join(OUT, 'postern_playground');
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(folder, 'wrangler.json'));
  const logs: string[] = [];
  const miniflare = new Miniflare({
    ...workerOptions,
    modules: readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js'))
      .sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
      .map((path) => ({ type: 'ESModule' as const, path: join(folder, path) })),
    modulesRoot: folder,
    bindings,
    serviceBindings: {
      API: async (request: MiniflareRequest) => {
        const init = { method: request.method, headers: [...request.headers], redirect: 'manual' as const };
        const body = request.body === null ? {} : { body: new Uint8Array(await request.arrayBuffer()) };
        const answer = await api(new Request(request.url, { ...init, ...body }));
        const headers = [...answer.headers].filter(([name]) => !/^(content-encoding|transfer-encoding)$/.test(name));
        const bytes = answer.status === 204 ? null : await answer.arrayBuffer();
        return new MiniflareResponse(bytes, { status: answer.status, headers });
      },
    },
    cf: false,
    handleStructuredLogs: ({ message }: { message: string }) => {
      logs.push(message);
    },
  });
  return { origin: (await miniflare.ready).origin, logs, dispose: () => miniflare.dispose() };
}
