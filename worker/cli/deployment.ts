// A deployment from nothing, or over the one that is there: namespace, secrets, the API, an account for you, and the
// playground that shows it. Each step looks first what there is, so that a run goes on where another ended.
import { ensureDeployed } from './accounts.ts';
import type { Builds } from './builds.ts';
import { createApi, getTutorialUrl } from './client.ts';
import { type Cloudflare, DeployFault } from './cloudflare.ts';
import { type LiveDemo, seedDemos } from './demos.ts';
import type { DeploymentSettings, DeploymentState, SecretName } from './deployment-state.ts';
import { waitFor } from './ports.ts';

/** An entry of the secret DEMOS; the tutorial is one as well. */
type ShownDemo = Omit<LiveDemo, 'slug'> & { readonly slug: string };

/** A new workers.dev address is known everywhere after a minute or so, a custom domain after some more. */
const READY_SECONDS = 300;

export interface Deployment {
  readonly api: string;
  readonly playground: string;
  /** Whether the token of your account is in the folder. */
  readonly hasToken: boolean;
}

export interface DeployOptions extends DeploymentSettings {
  /** New secrets in place of those there are. */
  readonly rotate: boolean;
}

/**
 * @param say a sentence at each step; never a secret.
 * @throws DeployFault with what is missing.
 */
export async function deploy(
  cloudflare: Cloudflare,
  state: DeploymentState,
  builds: Builds,
  options: DeployOptions,
  say: (sentence: string) => void,
): Promise<Deployment> {
  const { rotate, ...asked } = options;
  const settings = { ...(await state.readSettings()), ...asked };
  await state.keepSettings(settings);
  const { name } = builds.api;

  await builds.api.writeConfig(await ensureNamespaces(cloudflare, builds.api.namespaces, say));
  const admin = await toSecrets(cloudflare, state, name, 'ADMIN_TOKEN', rotate, say);
  const api = await upload(cloudflare, state, builds.api, admin, settings.domain);
  say(`The API is at ${api}. Waiting until it answers there…`);
  if (!(await waitFor(`${api}/health/ready`, READY_SECONDS))) {
    throw new DeployFault(
      `${api} does not answer after ${READY_SECONDS} s. A new address may take longer: run the same command again.`,
    );
  }

  const { token, demos } = await fill(api, state, settings, say);
  const session = await toSecrets(cloudflare, state, builds.playground.name, 'SESSION_KEY', rotate, say);
  const secrets = { ...session, API_URL: api, ...(demos === null ? {} : { DEMOS: JSON.stringify(demos) }) };
  const playground = await upload(cloudflare, state, builds.playground, secrets, settings.playgroundDomain);
  return { api, playground, hasToken: token !== null };
}

async function ensureNamespaces(
  cloudflare: Cloudflare,
  titles: readonly string[],
  say: (sentence: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const title of titles) {
    const { id, isNew } = await cloudflare.ensureNamespace(title);
    ids.set(title, id);
    say(`KV namespace "${title}": ${isNew ? 'made' : 'found'}.`);
  }
  return ids;
}

/** The secret if it is to be set: those that others have set and that are not known here stay as they are. */
async function toSecrets(
  cloudflare: Cloudflare,
  state: DeploymentState,
  worker: string,
  name: SecretName,
  rotate: boolean,
  say: (sentence: string) => void,
): Promise<Readonly<Record<string, string>>> {
  const kept = rotate ? null : await state.findSecret(name);
  if (kept !== null) return { [name]: kept };
  if (!rotate && (await cloudflare.listSecrets(worker)).includes(name)) {
    say(`The secret ${name} of ${worker} was set elsewhere and stays.`);
    return {};
  }
  say(`The secret ${name} of ${worker} is made, and kept in ${state.folder}.`);
  return { [name]: await state.createSecret(name) };
}

async function upload(
  cloudflare: Cloudflare,
  state: DeploymentState,
  { name, config }: { readonly name: string; readonly config: string },
  secrets: Readonly<Record<string, string>>,
  domain: string | undefined,
): Promise<string> {
  if (Object.keys(secrets).length === 0) return cloudflare.upload({ name, config, domain });
  const { path, remove } = await state.writeSecrets(name, secrets);
  try {
    return await cloudflare.upload({ name, config, secrets: path, domain });
  } finally {
    await remove();
  }
}

/** Your account, and what the playground is to show; null: as before. */
async function fill(
  api: string,
  state: DeploymentState,
  settings: DeploymentSettings,
  say: (sentence: string) => void,
): Promise<{ token: string | null; demos: readonly ShownDemo[] | null }> {
  const token = await ensureDeployed(api, 'account', state, say);
  if (token === null) return { token, demos: null };
  const url = await getTutorialUrl(api, token);
  const iris: ShownDemo = { slug: 'iris', url, title: 'Iris species', question: 'Which iris is it?' };
  const holder = settings.demos === true ? await ensureDeployed(api, 'demos', state, say) : null;
  if (holder === null) return { token, demos: [iris] };
  const { imported, demos, failures } = await seedDemos(createApi(api, holder), await state.readImported());
  await state.keepImported(imported);
  for (const failure of failures) say(failure);
  return { token, demos: [iris, ...demos] };
}
