// The licences of everything that is installed, from package-lock.json. `npm run licences` writes docs/licences.md, and
// test/structure/supply.test.ts holds it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface LockedPackage {
  /** Where it lies: `node_modules/tsx/node_modules/esbuild`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

export function readLock(): LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Omit<LockedPackage, 'path' | 'name'>>;
  };
  return Object.entries(packages).flatMap(([path, entry]) =>
    path === '' ? [] : [{ ...entry, path, name: path.split('node_modules/').at(-1) ?? path }],
  );
}

/** @returns the page: what is part of a deployed Postern, by licence. */
export function toLicencePage(packages: readonly LockedPackage[]): string {
  const used = packages.filter(({ dev }) => dev !== true);
  const names = new Map<string, Set<string>>();
  for (const { name, version, license = 'none' } of used) {
    names.set(license, (names.get(license) ?? new Set()).add(`${name} ${version}`));
  }
  const rows = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const table = rows.map(([license, which]) => `| ${license} | ${[...which].sort().join(', ')} |`);
  return `# Licences

Postern itself is under the [MIT licence](../LICENSE). The packages of \`dependencies\` and what they depend on, as locked;
written by \`npm run licences\`. Tools that only build and test are not listed: they are part of nothing that is deployed.

| licence | packages |
|---|---|
${table.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, 'docs/licences.md'), toLicencePage(readLock()));
}
