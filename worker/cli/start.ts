// `npm start`: the API and the playground on Wrangler's local workerd with its embedded storage, an account for the
// newcomer, one with the demos, and what a newcomer needs to know. All state lies in .wrangler/state. With `--dev`
// (`npm run dev`) Vite serves the playground and reloads what is edited.
import { join } from 'node:path';
import type { DemoList } from '../../playground/wire.ts';
import { ensureAccount } from './accounts.ts';
import { createApi, getTutorialUrl } from './client.ts';
import { type LiveDemo, seedDemos } from './demos.ts';
import { buildPlayground, PLAYGROUND_CONFIG } from './playground.ts';
import { checkPorts, waitFor } from './ports.ts';
import { endAll, endOnSignals, startVite, startWrangler } from './processes.ts';
import {
  ADMIN_FILE,
  ensureAdminToken,
  ensureSessionKey,
  keepImported,
  keepPlaygroundSecrets,
  PLAYGROUND_FILE,
  PLAYGROUND_PORT,
  PORT,
  ROOT,
  readImported,
  STATE,
} from './state.ts';

const API = `http://localhost:${PORT}`;
const PLAYGROUND = `http://localhost:${PLAYGROUND_PORT}`;
const READY_SECONDS = 60;
const DEMOS_SECONDS = 10;
const development = process.argv.includes('--dev');

const refusals = await checkPorts(
  [
    { variable: 'API_PORT', port: PORT },
    { variable: 'PLAYGROUND_PORT', port: PLAYGROUND_PORT },
  ],
  development ? 'npm run dev' : 'npm start',
);
if (refusals.length > 0) {
  console.error(refusals.join('\n'));
  process.exit(1);
}
process.chdir(ROOT);
endOnSignals();

try {
  const adminToken = await ensureAdminToken();
  startWrangler('The API', PORT, ['--persist-to', STATE, '--env-file', ADMIN_FILE]);
  const [filled] = await Promise.all([fillApi(adminToken), development ? null : buildPlayground()]);
  startPlayground();
  await openPlayground(filled.demos);
  greet(filled.tutorialUrl);
} catch (error) {
  endAll(1, error instanceof Error ? error.message : String(error));
}

/** Brings accounts and demos about, and tells the playground. */
async function fillApi(adminToken: string): Promise<{ tutorialUrl: string; demos: number }> {
  if (!(await waitFor(`${API}/health/ready`, READY_SECONDS))) throw new Error(`The API does not answer at ${API}.`);
  const token = await ensureAccount(API, 'account', adminToken);
  const [tutorialUrl, others] = await Promise.all([getTutorialUrl(API, token), fillDemos(adminToken)]);
  const demos = [{ slug: 'iris', url: tutorialUrl, title: 'Iris species', question: 'Which iris is it?' }, ...others];
  await keepPlaygroundSecrets({
    API_URL: API,
    DEMOS: JSON.stringify(demos),
    SESSION_KEY: await ensureSessionKey(),
  });
  return { tutorialUrl, demos: demos.length };
}

/** Whatever becomes of them: the tutorial does not wait for it. */
async function fillDemos(adminToken: string): Promise<readonly LiveDemo[]> {
  try {
    const token = await ensureAccount(API, 'demos', adminToken);
    const { imported, demos, failures } = await seedDemos(createApi(API, token), await readImported());
    await keepImported(imported);
    for (const failure of failures) console.error(failure);
    return demos;
  } catch (error) {
    console.error(`The demos are left out: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

/** @param demos how many it is to show. */
async function openPlayground(demos: number): Promise<void> {
  const url = `${PLAYGROUND}/demos`;
  if (!(await waitFor(url, READY_SECONDS))) throw new Error(`The playground does not answer at ${PLAYGROUND}.`);
  // It leaves out those of which the API says nothing yet.
  await waitFor(url, DEMOS_SECONDS, async (response) => ((await response.json()) as DemoList).demos.length >= demos);
}

function startPlayground(): void {
  const name = 'The playground';
  const port = String(PLAYGROUND_PORT);
  if (development) {
    const args = ['playground', '--port', port, '--strictPort', '--logLevel', 'warn'];
    startVite(name, args, { PLAYGROUND_ENV: PLAYGROUND_FILE });
  } else {
    const files = ['--persist-to', join(STATE, 'playground'), '--env-file', PLAYGROUND_FILE];
    startWrangler(name, PLAYGROUND_PORT, ['--config', PLAYGROUND_CONFIG, ...files]);
  }
}

function greet(tutorialUrl: string): void {
  console.log(`
Open the playground:  ${PLAYGROUND}

The API listens on ${API}, its reference is at /docs.
The tutorial's prediction URL (a secret: it is for servers, not for pages):
  ${tutorialUrl}

Try it:
  curl '${tutorialUrl}?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0'

Your own models: ${PLAYGROUND}/console opens with the token of your account:
  npm run --silent account -- token
`);
}
