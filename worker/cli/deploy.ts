// `npm run deploy`: both Workers onto your Cloudflare account, from nothing or over those that are there. With `--dry-run`
// everything is built and nothing is asked of the network.
import { parseArgs } from 'node:util';
import { type Builds, type BuiltWorker, buildWorkers } from './builds.ts';
import { ApiFailure } from './client.ts';
import { DeployFault, openCloudflare } from './cloudflare.ts';
import { deploy } from './deployment.ts';
import { openDeploymentState } from './deployment-state.ts';
import { endOnSignals, runWrangler } from './processes.ts';
import { ROOT } from './state.ts';

const USAGE = `Usage: npm run deploy [-- <options>]
  --dry-run                     build both Workers and say what would be done, without an account and without the network
  --domain <host>               the API under a domain of yours on Cloudflare, in place of workers.dev
  --playground-domain <host>    the playground as well
  --demos                       the four demo models beside the tutorial, in an account of their own
  --new-secrets                 new admin token and session key in place of those there are
What was asked for once stays so. CLOUDFLARE_ACCOUNT_ID chooses one of several accounts.`;

/** Uncompressed, on every plan. */
const WORKER_MIB = 64;

process.chdir(ROOT);
endOnSignals();
try {
  const { values } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      domain: { type: 'string' },
      'playground-domain': { type: 'string' },
      demos: { type: 'boolean' },
      'new-secrets': { type: 'boolean', default: false },
    },
  });
  const { domain, demos, 'playground-domain': playgroundDomain, 'new-secrets': rotate } = values;
  for (const host of [domain, playgroundDomain]) checkHost(host);
  if (values['dry-run']) rehearse(await buildWorkers(runWrangler));
  else {
    // Before anything is built: what is missing is said at once.
    const cloudflare = await openCloudflare(runWrangler, process.env.CLOUDFLARE_ACCOUNT_ID);
    console.log(`Cloudflare account "${cloudflare.account.name}" (${cloudflare.account.id}).`);
    const state = openDeploymentState(cloudflare.account.id);
    const builds = await buildWorkers(runWrangler);
    const options = {
      rotate,
      ...(domain === undefined ? {} : { domain }),
      ...(playgroundDomain === undefined ? {} : { playgroundDomain }),
      ...(demos === undefined ? {} : { demos }),
    };
    const { api, playground, hasToken } = await deploy(cloudflare, state, builds, options, console.log);
    console.log(`
The playground:  ${playground}
The API:         ${api}   its reference is at /docs
`);
    if (hasToken) {
      console.log(`The console, at ${playground}/console, opens with the token of your account:
  cat ${state.folder}/account-token
Keep that folder: it holds the only copies of this token and of the admin token.
`);
    }
  }
} catch (error) {
  if (error instanceof DeployFault || error instanceof ApiFailure) stop(error.message);
  if (error instanceof TypeError && 'code' in error) stop(`${error.message}\n${USAGE}`);
  throw error;
}

function rehearse({ api, playground }: Builds): void {
  const describe = ({ name, size, gzip, bindings, config }: BuiltWorker): string => `
${name}: ${toKib(size)} KiB of ${toKib(WORKER_MIB * 1024)}, ${toKib(gzip)} KiB gzipped
${bindings}
  configuration: ${config}`;
  console.log(`${describe(api)}
${describe(playground)}

Nothing was deployed. Without --dry-run:
  1. find or make the KV namespace ${api.namespaces.map((title) => `"${title}"`).join(', ')}
  2. upload ${api.name} with the secret ADMIN_TOKEN, and run the migrations of its Durable Objects
  3. make your account there, where there is none
  4. upload ${playground.name} with the secrets API_URL, DEMOS and SESSION_KEY
`);
  for (const { name, size } of [api, playground]) {
    if (size > WORKER_MIB * 1024) stop(`${name} is too large: Cloudflare takes ${WORKER_MIB} MiB.`);
  }
}

function toKib(kib: number): string {
  return Math.round(kib).toLocaleString('en');
}

function checkHost(host: string | undefined): void {
  if (host === undefined || /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(host)) return;
  stop(`${JSON.stringify(host)} is not a host name such as predict.example.com`);
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
