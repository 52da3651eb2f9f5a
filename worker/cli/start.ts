// `npm start`: the Worker on Wrangler's local workerd with the embedded KV, and what a newcomer needs to call it.
// All state lies in .wrangler/state; one process owns it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishTutorial } from './local-state.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = Number(process.env.API_PORT ?? 8787);
/** Where KV and the tutorial's secret are kept between starts. */
const state = process.env.POSTERN_STATE ?? join(root, '.wrangler/state');
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

if (!Number.isInteger(port) || port < 1 || port > 65535)
  stop(`API_PORT must be a port number, not "${process.env.API_PORT}".`);
if (await isTaken(port)) stop(`Port ${port} is in use. Choose another: API_PORT=${port + 1} npm start`);

process.chdir(root);
// Nothing is asked of the network and nothing is told to it.
const environment = {
  ...process.env,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(root, '.wrangler/logs'),
};
Object.assign(process.env, environment);

const secret = await publishTutorial(state);

// Below `error` Wrangler logs every request with its URL, and the URL is a secret.
const require = createRequire(import.meta.url);
const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
const worker = spawn(
  process.execPath,
  [
    wrangler,
    'dev',
    '--port',
    String(port),
    '--persist-to',
    state,
    '--log-level',
    'error',
    '--show-interactive-dev-session=false',
  ],
  { env: environment, stdio: ['ignore', 'inherit', 'inherit'] },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Libraries of Wrangler listen too, and end this process before the Worker's has been told.
  process.removeAllListeners(signal);
  process.on(signal, () => {
    worker.kill('SIGTERM');
    setTimeout(() => worker.kill('SIGKILL'), STOP_TIMEOUT_MS).unref();
  });
}
process.on('exit', () => worker.kill());
worker.on('exit', (code) => process.exit(code ?? 0));

await ready(`http://localhost:${port}/health/ready`);
const url = `http://localhost:${port}/api/${secret}`;
console.log(`
Postern is listening on http://localhost:${port}

The tutorial's prediction URL (a secret: it is for servers, not for pages):
  ${url}

Try it:
  curl '${url}?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0'
`);

async function ready(health: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    try {
      if ((await fetch(health)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  worker.kill();
  stop(`The Worker does not answer on port ${port} after ${READY_TIMEOUT_MS / 1000} s.`);
}

/** Whether somebody listens there already, on IPv4 or IPv6. */
async function isTaken(at: number): Promise<boolean> {
  const answers = ['127.0.0.1', '::1'].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(at, host, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      }),
  );
  return (await Promise.all(answers)).includes(true);
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
