// The built playground in workerd, over real HTTP, with an API behind its service binding that the test holds.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Miniflare, type Request as MiniflareRequest, Response as MiniflareResponse } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { buildPlayground, PLAYGROUND_CONFIG } from '../../worker/cli/playground.ts';

export const SESSION_KEY = 'c2Vzc2lvbi1rZXktb2YtdGhpcnR5LXR3by1ieXRlcyE';

export interface Playground {
  readonly origin: string;
  /** Everything it has logged. */
  readonly logs: string[];
  dispose(): Promise<void>;
}

/** The build of `npm start`: one for all tests that need it, those in a browser too. */
export const setup = buildPlayground;

/** @param api answers what the playground asks of the API. */
export async function startPlayground(
  bindings: Record<string, string>,
  api: (request: Request) => Promise<Response>,
): Promise<Playground> {
  const folder = dirname(PLAYGROUND_CONFIG);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(PLAYGROUND_CONFIG);
  const logs: string[] = [];
  const miniflare = new Miniflare({
    ...workerOptions,
    modules: readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // Wrangler keeps files of its own beside it while it serves the same build elsewhere.
      .filter((path) => path.endsWith('.js') && !path.startsWith('.wrangler'))
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
