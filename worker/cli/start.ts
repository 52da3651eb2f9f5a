// `npm start`: the Worker on Wrangler's local workerd with the embedded KV and account objects, one local trial account,
// and what a newcomer needs to call it. All state lies in .wrangler/state.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { ApiFailure, createAccount, getTutorialUrl } from './client.ts';
import {
  ADMIN_FILE,
  ensureAdminToken,
  findAccountToken,
  keepAccountToken,
  PORT as port,
  ROOT,
  STATE,
} from './state.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

if (!Number.isInteger(port) || port < 1 || port > 65535)
  stop(`API_PORT must be a port number, not "${process.env.API_PORT}".`);
if (await isTaken(port)) stop(`Port ${port} is in use. Choose another: API_PORT=${port + 1} npm start`);

process.chdir(ROOT);
// Nothing is asked of the network and nothing is told to it.
const environment = {
  ...process.env,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(ROOT, '.wrangler/logs'),
};
Object.assign(process.env, environment);

const adminToken = await ensureAdminToken();

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
    STATE,
    '--env-file',
    ADMIN_FILE,
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
const origin = `http://localhost:${port}`;
const url = await getTutorial();
console.log(`
Postern is listening on ${origin}

The tutorial's prediction URL (a secret: it is for servers, not for pages):
  ${url}

Try it:
  curl '${url}?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0'

Your models are managed with the account token, described at ${origin}/docs:
  npm run --silent account -- token
`);

/** The tutorial's URL in the local account, which the first start creates. */
async function getTutorial(): Promise<string> {
  try {
    const kept = await findAccountToken();
    const url = kept === null ? null : await waitForTutorial(kept);
    if (url !== null) return url;
    if (kept !== null) console.log('The token of the local account is dead (it was rotated): a new account is made.');
    const token = await createAccount(origin, adminToken, 'Local', 'trial');
    await keepAccountToken(token);
    return (await waitForTutorial(token)) ?? stop('The new account does not answer to its token.');
  } catch (error) {
    worker.kill();
    return stop(error instanceof Error ? error.message : String(error));
  }
}

/** @returns null where the token is dead. */
async function waitForTutorial(token: string): Promise<string | null> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; ) {
    try {
      return await getTutorialUrl(origin, token);
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 401) return null;
      if (!(error instanceof ApiFailure) || error.status !== 503 || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

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
