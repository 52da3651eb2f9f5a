// What is installed: exactly what package-lock.json says, under licences that allow it, and without a script that runs at
// installation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLock, toLicencePage } from '../support/licences.ts';
import { ROOT } from '../support/start.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const lock = readLock();
const manifest = JSON.parse(read('package.json')) as {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** Of what is deployed: they ask for no more than a notice. */
const ALLOWED = ['MIT', 'ISC', '0BSD', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', 'CC0-1.0', 'OFL-1.1'];
/** Of tools alone, which are used as they are and given to nobody. */
const ALLOWED_TOOLS = [...ALLOWED, 'BSD-2-Clause', 'MPL-2.0', 'LGPL-3.0-or-later', 'Zlib'];
/** They bring a script that runs at installation, and work without it. */
const WITH_SCRIPTS = ['esbuild', 'onnxruntime-node', 'protobufjs', 'sharp', 'workerd'];

const toTerms = (license: string): { all: string[]; any: string[] } => {
  const terms = license.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /);
  return license.includes(' OR ') ? { all: [], any: terms } : { all: terms, any: [] };
};

it('the lockfile names each package to the last byte, all from the registry', () => {
  expect(lock.length).toBeGreaterThan(100);
  for (const { path, integrity, link, resolved } of lock) {
    expect(integrity, path).toMatch(/^sha512-/);
    expect(link, path).toBeUndefined();
    expect(resolved ?? 'https://registry.npmjs.org/', path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
  }
  const locked = new Map(lock.map(({ path, version }) => [path, version]));
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect(locked.get(`node_modules/${name}`), name).toBe(version);
  }
});

it('nothing runs at installation', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  const found = [...new Set(lock.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name))].sort();
  expect(found).toEqual(WITH_SCRIPTS);
  // For who overrides .npmrc.
  expect(Object.entries(manifest.allowScripts).sort()).toEqual(WITH_SCRIPTS.map((name) => [name, false]));
});

it('every licence is one of those that are allowed, and the list of them is the one of the lockfile', () => {
  for (const { path, license = 'none', dev } of lock) {
    const allowed = dev === true ? ALLOWED_TOOLS : ALLOWED;
    const { all, any } = toTerms(license);
    const fits =
      any.length > 0 ? any.some((term) => allowed.includes(term)) : all.every((term) => allowed.includes(term));
    expect(fits, `${path}: ${license}`).toBe(true);
  }
  expect(read('docs/licences.md')).toBe(toLicencePage(lock));
});

it('the versions of Node that are promised are those that CI runs', () => {
  expect(manifest.engines.node).toBe('>=20');
  const tried = [...read('.ci/nodes').matchAll(/\b(\d+)\.\d+\.\d+\b/g)].map(([, major]) => major);
  expect(tried).toEqual(['22', '24']);
});
