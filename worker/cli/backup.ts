// `npm run export -- --to <file>` writes the models of an account into a file; `npm run import -- <file>` brings them back,
// into the same account or another. Of the local account, or with --url of any Postern.
import { access } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ArchiveFault, openArchive } from './archive.ts';
import { type Api, ApiFailure, createApi } from './client.ts';
import { exportAccount } from './export-account.ts';
import { importAccount } from './import-account.ts';
import { findAccountToken, PORT } from './state.ts';

const USAGE = `Usage:
  npm run export -- --to <file.tar> [--url <url>]
      the models of an account, all versions with their ONNX files; no secrets
  npm run import -- <file.tar> [--url <url>]
      into an account; what is there already stays as it is
Without --url the local account on the running \`npm start\`; with it the account whose token is in the environment
variable POSTERN_TOKEN.`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { to: { type: 'string' }, url: { type: 'string' } },
  });
  const [command, file, ...rest] = positionals;
  if (command === 'export' && file === undefined && values.to !== undefined) {
    await runExport(await openApi(values.url), values.to);
  } else if (command === 'import' && file !== undefined && rest.length === 0 && values.to === undefined) {
    await runImport(await openApi(values.url), file);
  } else stop(USAGE);
} catch (error) {
  if (error instanceof ApiFailure) stop(error.message);
  if (error instanceof TypeError && 'code' in error) stop(`${error.message}\n${USAGE}`);
  if (error instanceof TypeError && error.message === 'fetch failed') {
    stop('Nothing answers there. Is `npm start` running, and the address the right one?');
  }
  throw error;
}

async function openApi(url: string | undefined): Promise<Api> {
  const origin = url ?? `http://localhost:${PORT}`;
  if (!URL.canParse(origin)) stop(`--url ${JSON.stringify(origin)} is not a URL such as https://postern.example.com`);
  const token = process.env.POSTERN_TOKEN || (url === undefined ? await findAccountToken() : null);
  if (token === null) {
    stop(
      url === undefined
        ? 'There is no local account yet: the first `npm start` makes it.'
        : 'Set the environment variable POSTERN_TOKEN to the token of the account.',
    );
  }
  return createApi(origin, token);
}

async function runExport(api: Api, path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) stop(`${path} is there already. Name another file.`);
  const { models, versions, bytes } = await exportAccount(api, path, new Date().toISOString());
  console.log(
    `${path}: ${models} models, ${versions} versions, ${bytes} bytes of ONNX. It holds no URLs and no tokens.`,
  );
}

async function runImport(api: Api, path: string): Promise<void> {
  const archive = await openArchive(path).catch((error: Error) => {
    if (!(error instanceof ArchiveFault) && !('code' in error)) throw error;
    stop(`${path} cannot be imported, and nothing was. ${error.message}`);
  });
  try {
    const { done, failures, urls } = await importAccount(api, archive);
    for (const sentence of done) console.log(sentence);
    if (urls.length > 0) console.log('\nSwitched on, under new URLs (secrets: tell them to your servers alone):');
    for (const { name, url } of urls) console.log(`  ${name}\n    ${url}`);
    if (failures.length === 0) return;
    console.error('\nNot done:');
    for (const sentence of failures) console.error(`  ${sentence}`);
    console.error('Put it right and run the same command again: it goes on from here.');
    process.exitCode = 1;
  } finally {
    await archive.close();
  }
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
