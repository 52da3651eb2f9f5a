// `npm start`: the API and the playground on Wrangler's local workerd, with the embedded KV and account objects, one local
// trial account, the demos in another, and what a newcomer needs to know. All state lies in .wrangler/state. `--dev`
// serves the playground by Vite, which reloads what is edited.
import { join } from 'node:path';
import { ApiFailure, createAccount, createApi, getTutorialUrl } from './client.ts';
import { seedDemos } from './demos.ts';
import { buildPlayground, PLAYGROUND_CONFIG } from './playground.ts';
import { adopt, isTaken, startVite, startWrangler, stop, stopOnSignals, waitFor } from './processes.ts';
import {
  ADMIN_FILE,
  ensureAdminToken,
  ensureSessionKey,
  findAccountToken,
  keepAccountToken,
  keepImported,
  keepPlaygroundSecrets,
  type LocalAccount,
  PLAYGROUND_FILE,
  PLAYGROUND_PORT,
  PORT,
  ROOT,
  readImported,
  STATE,
} from './state.ts';

const origin = `http://localhost:${PORT}`;
const development = process.argv.includes('--dev');

await checkPort('API_PORT', PORT);
await checkPort('PLAYGROUND_PORT', PLAYGROUND_PORT);
if (PORT === PLAYGROUND_PORT) stop('API_PORT and PLAYGROUND_PORT must differ.');
process.chdir(ROOT);
stopOnSignals();

try {
  const adminToken = await ensureAdminToken();
  const api = startWrangler('The API', PORT, ['--persist-to', STATE, '--env-file', ADMIN_FILE]);
  const built = development ? Promise.resolve() : buildPlayground();
  await waitFor(api, '/health/ready');
  const own = await ensureAccount('account', 'Local', 'trial', adminToken);
  const [tutorialUrl, demos] = await Promise.all([getTutorialUrl(origin, own), bringDemosAbout(adminToken)]);
  const tutorial = { slug: 'iris', url: tutorialUrl, title: 'Iris species', question: 'Which iris is it?' };
  await keepPlaygroundSecrets({
    API_URL: origin,
    DEMOS: JSON.stringify([tutorial, ...demos]),
    SESSION_KEY: await ensureSessionKey(),
  });
  await built;
  await waitFor(startPlayground(), '/demos');
  greet(tutorialUrl);
} catch (error) {
  stop(error instanceof Error ? error.message : String(error));
}

function startPlayground() {
  if (!development) {
    const files = ['--persist-to', join(STATE, 'playground'), '--env-file', PLAYGROUND_FILE];
    return startWrangler('The playground', PLAYGROUND_PORT, ['--config', PLAYGROUND_CONFIG, ...files]);
  }
  const vite = startVite(['playground', '--port', String(PLAYGROUND_PORT), '--strictPort', '--logLevel', 'warn'], {
    PLAYGROUND_ENV: PLAYGROUND_FILE,
  });
  adopt(vite);
  return { name: 'The playground', port: PLAYGROUND_PORT };
}

/** @returns the token of a local account, which the first start creates. */
async function ensureAccount(
  account: LocalAccount,
  name: string,
  plan: 'trial' | 'standard',
  adminToken: string,
): Promise<string> {
  const kept = await findAccountToken(account);
  if (kept !== null && (await isAlive(kept))) return kept;
  if (kept !== null) console.log(`The token of the account "${name}" is dead (it was rotated): a new account is made.`);
  const token = await createAccount(origin, adminToken, name, plan);
  await keepAccountToken(token, account);
  return token;
}

async function isAlive(token: string): Promise<boolean> {
  try {
    await createApi(origin, token).getModel('model_tutorial');
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return false;
    throw error;
  }
}

/** In an account of their own: the newcomer's trial keeps its one free place. */
async function bringDemosAbout(adminToken: string) {
  const token = await ensureAccount('demos', 'Demos', 'standard', adminToken);
  const { imported, demos } = await seedDemos(createApi(origin, token), await readImported());
  await keepImported(imported);
  return demos;
}

async function checkPort(name: string, port: number): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    stop(`${name} must be a port number, not "${process.env[name]}".`);
  }
  if (await isTaken(port)) stop(`Port ${port} is in use. Choose another: ${name}=${port + 1} npm start`);
}

function greet(tutorialUrl: string): void {
  console.log(`
Open the playground:  http://localhost:${PLAYGROUND_PORT}

The API is listening on ${origin}. The tutorial's prediction URL (a secret: it is for servers, not for pages):
  ${tutorialUrl}

Try it:
  curl '${tutorialUrl}?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0'

Your own models: http://localhost:${PLAYGROUND_PORT}/console, or with curl as ${origin}/docs describes. Both want the account token:
  npm run --silent account -- token
`);
}
