// The documents are true: their JSON parses as what it claims to be, their links lead somewhere, every dependency has its
// line, and the documented size is the one of the build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { MANAGEMENT_STATUS, PREDICTION_STATUS } from '../../worker/errors.ts';
import { LIMITS, PLANS } from '../../worker/limits.ts';
import { overridesSchema } from '../../worker/onnx/overrides.ts';
import { manifestSchema } from '../../worker/pipeline/manifest.ts';
import { createFeedPlan } from '../../worker/pipeline/tensor.ts';
import { ensureWorker, ROOT } from '../support/build.ts';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const read = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';
const blocks = (text: string, language: string): unknown[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block]) =>
    JSON.parse(block ?? ''),
  );

it('the manifests are manifests', () => {
  const manifests = blocks(read('docs/manifest.md'), 'json manifest');
  expect(manifests.length).toBeGreaterThan(3);
  for (const manifest of manifests) createFeedPlan(manifestSchema.parse(manifest));
  for (const overrides of blocks(read('docs/manifest.md'), 'json overrides')) overridesSchema.parse(overrides);
  for (const { text } of pages) blocks(text, 'json');
});

it('every code of a failed prediction is documented', () => {
  for (const code of Object.keys(PREDICTION_STATUS)) expect(read('docs/api.md')).toContain(`\`${code}\``);
});

it('every code of the management API is documented, and so are the plans', () => {
  const page = read('docs/management.md');
  for (const code of Object.keys(MANAGEMENT_STATUS)) expect(page).toContain(`\`${code}\``);
  for (const [plan, { active, models }] of Object.entries(PLANS)) {
    expect(page).toContain(`| \`${plan}\` | ${active} | ${models.toLocaleString('en')} |`);
  }
});

it('links lead somewhere', () => {
  for (const { path, text } of pages) {
    for (const [, target = ''] of text.matchAll(/\]\(((?!https?:)[^)#]+)/g)) {
      expect(existsSync(join(ROOT, dirname(path), target)), `${path}: ${target}`).toBe(true);
    }
  }
});

it('every dependency is pinned exactly and has its line', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries<string>({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(read('docs/architecture.md'), name).toContain(name);
  }
});

it('the documented size is that of the build', () => {
  const toNumber = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  const built = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(ensureWorker());
  const documented = /: ([\d,]+) KiB, ([\d,]+) KiB gzipped/.exec(read('docs/architecture.md'));
  for (const i of [1, 2]) expect(Math.abs(toNumber(documented?.[i]) / toNumber(built?.[i]) - 1)).toBeLessThan(0.02);
});

it('the limits and costs of a deployment are the numbers they are said to follow from', () => {
  const page = read('docs/deploy.md');
  const limits = [...page.matchAll(/\| ([^|]+) \| `([A-Z_]+)`[^|]*\|$/gm)];
  expect(limits.length).toBeGreaterThan(10);
  for (const [, stated, name = ''] of limits) {
    const value = LIMITS[name as keyof typeof LIMITS];
    const unit = name.endsWith('_MS') ? ' ms' : name.endsWith('_SECONDS') ? ' s' : '';
    const inMib = Number.isInteger(value / 2 ** 20) ? `${value / 2 ** 20} MiB` : null;
    expect(stated, name).toBe(inMib ?? value.toLocaleString('en') + unit);
  }
  expect(page).toContain(`at most once in ${LIMITS.PIPELINE_CACHE_SECONDS} s (\`PIPELINE_CACHE_SECONDS\`)`);
  const costs = [...page.matchAll(/\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)];
  expect(costs.length).toBe(5);
  for (const [, cpu, reads, usd] of costs) {
    expect(Math.abs(0.3 + 0.02 * Number(cpu) + 0.5 * Number(reads) - Number(usd))).toBeLessThan(0.0051);
  }
});
