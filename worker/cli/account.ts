// `npm run --silent account -- token` prints the token of the local account. `… create --name N [--plan P] [--url U]`
// makes an account and prints its token, alone on the last line.
import { parseArgs } from 'node:util';
import { PLANS } from '../limits.ts';
import { ApiFailure, createAccount } from './client.ts';
import { findAccountToken, findAdminToken, PORT } from './state.ts';

const USAGE = `Usage:
  npm run --silent account -- token
      the token of the local account, which the first \`npm start\` made
  npm run --silent account -- create --name <name> [--plan ${Object.keys(PLANS).join('|')}] [--url <url>]
      another account, on the running \`npm start\`; with --url on a deployment, whose admin token
      is taken from the environment variable ADMIN_TOKEN`;

const LOCAL = `http://localhost:${PORT}`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, plan: { type: 'string', default: 'trial' }, url: { type: 'string' } },
  });
  const [command, ...rest] = positionals;
  if (command === 'token' && rest.length === 0) await printToken();
  else if (command === 'create' && rest.length === 0 && values.name !== undefined) {
    await create(values.name, values.plan, values.url);
  } else stop(USAGE);
} catch (error) {
  if (error instanceof TypeError && 'code' in error) stop(`${error.message}\n${USAGE}`);
  throw error;
}

async function printToken(): Promise<void> {
  const token = await findAccountToken();
  if (token === null) stop('There is no local account yet: the first `npm start` makes it.');
  console.log(token);
}

async function create(name: string, plan: string, url: string | undefined): Promise<void> {
  const origin = url ?? LOCAL;
  if (!URL.canParse(origin)) stop(`--url ${JSON.stringify(origin)} is not a URL such as https://postern.example.com`);
  const adminToken = url === undefined ? await findAdminToken() : (process.env.ADMIN_TOKEN ?? null);
  if (adminToken === null) {
    stop(
      url === undefined
        ? 'Postern was not started here yet: npm start'
        : 'Set the environment variable ADMIN_TOKEN to the admin token of the deployment.',
    );
  }
  try {
    const token = await createAccount(origin, adminToken, name, plan);
    console.log(`Created the account ${JSON.stringify(name)} (${plan}) on ${origin}. Its token is shown this once:`);
    console.log(token);
  } catch (error) {
    if (error instanceof ApiFailure) stop(`${origin} refuses: ${error.message}`);
    stop(`Nothing answers at ${origin}.${url === undefined ? ' Is `npm start` running, and API_PORT the same?' : ''}`);
  }
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
