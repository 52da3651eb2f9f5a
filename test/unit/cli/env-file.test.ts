// The file of secrets, as its two readers see it: Wrangler (dotenv, with variables put in place) and Node.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { unstable_getVarsForDev } from 'wrangler';
import { toEnvFile } from '../../../worker/cli/env-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-env-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noTemplateCurlyInString: dotenv would put the variable in its place.
const question = 'What\'s "it" worth: $HOME, ${HOME}, `5 $`, a#b, \\n or\n größe 🙂?';
const values = { API_URL: 'http://localhost:8787', DEMOS: JSON.stringify([{ slug: 'a', question }]), KEY: 'a-b_c' };

function check(read: Record<string, unknown>): void {
  expect(Object.keys(read).sort()).toEqual(['API_URL', 'DEMOS', 'KEY']);
  expect(read).toMatchObject({ API_URL: values.API_URL, KEY: values.KEY });
  expect(JSON.parse(String(read.DEMOS))).toEqual([{ slug: 'a', question }]);
}

it('is read by Wrangler', () => {
  const path = join(folder, 'a.env');
  writeFileSync(path, toEnvFile(values));
  const vars = unstable_getVarsForDev(undefined, [path], {}, undefined, true);
  check(Object.fromEntries(Object.entries(vars).map(([name, { value }]) => [name, value])));
});

it('is read by Node', () => {
  check(parseEnv(toEnvFile(values)));
});
