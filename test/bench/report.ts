// The measurements put together: as JSON, as tables for the terminal, and as docs/performance.md.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import type { Section } from './section.ts';

/** The last section of the page is written by hand, and kept. */
const BY_HAND = '## What was tried and did not help';

export function toJson(sections: readonly Section[]): object {
  return Object.assign({}, ...sections.map(({ json }) => json)) as object;
}

export function toTables(sections: readonly Section[]): string {
  return sections.map(({ title, table }) => `${title}\n\n${table}`).join('\n\n');
}

/** @param before the page as it was. */
export function toPage(sections: readonly Section[], before: string): string {
  const at = before.indexOf(BY_HAND);
  const byHand = at < 0 ? `${BY_HAND}\n` : before.slice(at);
  return `# Performance

Written by \`npm run bench\`, but for the last section: one run, side by side, on one machine. Compare the ratios, not the numbers.

${sections.map(({ title, table, text }) => `## ${title}\n\n${table}\n\n${text}`).join('\n\n')}

## Machine

${machine()}

${byHand}`;
}

function machine(): string {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => {
    // Some packages do not export their package.json.
    const path = require.resolve.paths(name)?.map((folder) => `${folder}/${name}/package.json`) ?? [];
    for (const candidate of path) {
      try {
        return (JSON.parse(readFileSync(candidate, 'utf8')) as { version: string }).version;
      } catch {
        // Not in this folder.
      }
    }
    return '?';
  };
  const packages = ['workerd', 'hono', 'onnxruntime-web', 'onnxruntime-node', '@hono/node-server', 'sharp'];
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return [
    `${cpus().length} cores of ${cpu}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}.`,
    `Node ${process.versions.node}; ${packages.map((name) => `${name} ${version(name)}`).join(', ')}.`,
  ].join('\n');
}
