// The house's rules, read from the source tree: which room may import which, and what stays out of the pure ones.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const WORKER = join(ROOT, 'worker');
const MAX_LINES = 400;

interface Source {
  path: string;
  text: string;
  /** Paths below worker/, or names of packages. */
  imports: string[];
}

const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => join(folder, path));

const readSources = (folder: string): Source[] =>
  listFiles(folder).map((file) => {
    const text = readFileSync(file, 'utf8');
    const found = [
      ...text.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gms),
    ];
    const imports = found
      .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
      .map((name) => (name.startsWith('.') ? relative(folder, join(dirname(file), name)) : name));
    return { path: relative(folder, file), text, imports };
  });
const sources = readSources(WORKER);
const playground = readSources(join(ROOT, 'playground'));

/** Each room, and the rooms below it that it may import. A file at the top is a room of its own. */
const BELOW: Record<string, string[]> = {
  'index.ts': [
    'app.ts',
    'env.ts',
    'admission.ts',
    'check.ts',
    'warm-up.ts',
    'inference',
    'registry',
    'usage',
    'tutorial',
  ],
  'app.ts': ['routes', 'env.ts', 'errors.ts'],
  routes: [
    'amend.ts',
    'upload.ts',
    'predict.ts',
    'contract.ts',
    'env.ts',
    'encode',
    'decode',
    'registry',
    'usage',
    'pipeline',
    'errors.ts',
    'limits.ts',
  ],
  'env.ts': ['predict.ts', 'inference', 'registry', 'usage'],
  'amend.ts': ['check.ts', 'predict.ts', 'upload.ts', 'onnx', 'registry', 'errors.ts'],
  'upload.ts': ['check.ts', 'onnx', 'inference', 'registry', 'pipeline', 'errors.ts', 'limits.ts'],
  'check.ts': ['predict.ts', 'admission.ts', 'inference', 'registry', 'usage', 'errors.ts', 'limits.ts'],
  'warm-up.ts': ['predict.ts', 'admission.ts', 'pipelines.ts', 'inference', 'usage', 'tutorial'],
  'contract.ts': ['pipeline', 'errors.ts', 'limits.ts'],
  'predict.ts': [
    'admission.ts',
    'pipelines.ts',
    'image',
    'decode',
    'encode',
    'inference',
    'registry',
    'usage',
    'pipeline',
    'errors.ts',
    'limits.ts',
  ],
  'pipelines.ts': ['decode', 'encode', 'pipeline', 'registry', 'limits.ts'],
  registry: ['pipeline', 'errors.ts', 'limits.ts'],
  usage: ['pipeline', 'errors.ts', 'limits.ts'],
  inference: ['pipeline', 'errors.ts', 'limits.ts'],
  image: ['pipeline', 'errors.ts', 'limits.ts'],
  decode: ['pipeline', 'errors.ts', 'limits.ts'],
  encode: ['contract.ts', 'pipeline', 'errors.ts', 'limits.ts'],
  onnx: ['pipeline', 'errors.ts', 'limits.ts'],
  pipeline: ['errors.ts', 'limits.ts'],
  'admission.ts': ['errors.ts', 'limits.ts'],
  'errors.ts': [],
  'limits.ts': [],
  tutorial: ['pipeline', 'onnx'],
  bundle: ['inference'],
  cli: ['contract.ts', 'registry', 'limits.ts'],
};
const PURE = ['pipeline', 'decode', 'encode', 'onnx'];
const roomOf = (path: string): string => path.split('/')[0] ?? path;
const isOurs = (name: string): boolean => /^[\w-]+(\/|\.ts$)/.test(name) && roomOf(name) in BELOW;

it('imports go downward only', () => {
  // So that a change of style which blinds the pattern above is noticed.
  expect(sources.flatMap(({ imports }) => imports.filter(isOurs)).length).toBeGreaterThan(150);
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter((name) => isOurs(name) && roomOf(name) !== roomOf(path) && !BELOW[roomOf(path)]?.includes(roomOf(name)))
      .map((name) => `${path} imports ${name}`),
  );
  expect(wrong).toEqual([]);
  expect(sources.filter(({ path }) => !(roomOf(path) in BELOW)).map(({ path }) => path)).toEqual([]);
});

it('each library stays in its room', () => {
  const where = (test: (name: string) => boolean): string[] =>
    [...new Set(sources.filter(({ imports }) => imports.some(test)).map(({ path }) => path))].sort();
  expect(
    where((name) => /^(hono|@hono)(\/|$)/.test(name)).filter((path) => !/^(app|routes\/.*)\.ts$/.test(path)),
  ).toEqual([]);
  expect(
    where((name) => name.startsWith('cloudflare:')).filter((path) => !/^index\.ts$|-object\.ts$/.test(path)),
  ).toEqual([]);
  const types = ['bundle/take-snapshot.ts', 'inference/ort-heap.ts'];
  expect(where((name) => name.startsWith('onnxruntime-web'))).toEqual([...types, 'inference/ort-instance.ts'].sort());
  for (const file of types) {
    expect(sources.find(({ path }) => path === file)?.text).toMatch(/import type .* from 'onnxruntime-web/);
  }
  expect(where((name) => name.includes('dist/engine/'))).toEqual(['inference/ort.ts']);
  expect(
    where((name) => name.startsWith('node:')).filter((path) => !/^(bundle|cli)\/|^tutorial\/prepare/.test(path)),
  ).toEqual([]);
});

it('pure rooms know no platform, no clock, no chance and no state', () => {
  const forbidden =
    /\bfetch\(|\bDate\.now|\bnew Date\b|performance\.now|Math\.random|\bcrypto\.|\benv\.|^(export )?let /m;
  const wrong = sources.filter(({ path, text }) => PURE.includes(roomOf(path)) && forbidden.test(text));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('the playground is an app of its own: of the Worker it knows the types of the wire', () => {
  const inside = (path: string): string => path.split('/')[0] ?? path;
  const outside = playground.flatMap(({ path, imports, text }) =>
    imports
      .filter((name) => name.startsWith('..'))
      .filter(
        (name) => name !== '../worker/contract.ts' || /import \{[^}]*\} from '[./]*worker\/contract\.ts'/.test(text),
      )
      .map((name) => `${path} imports ${name}`),
  );
  expect(playground.some(({ imports }) => imports.includes('../worker/contract.ts'))).toBe(true);
  expect(outside).toEqual([]);
  // The page and its server share what they say to each other, and nothing else.
  const across = playground.flatMap(({ path, imports }) =>
    imports
      .filter((name) => ['src', 'server'].includes(inside(name)) && ['src', 'server'].includes(inside(path)))
      .filter((name) => inside(name) !== inside(path))
      .map((name) => `${path} imports ${name}`),
  );
  expect(across).toEqual([]);
});

it('the rooms of the page stand side by side on the shell', () => {
  const rooms = ['predict', 'csv', 'snippets', 'console'];
  const room = (path: string): string => path.split('/')[1] ?? '';
  const wrong = playground
    .filter(({ path }) => path.startsWith('src/') && rooms.includes(room(path)))
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => name.startsWith('src/') && rooms.includes(room(name)) && room(name) !== room(path))
        .map((name) => `${path} imports ${name}`),
    );
  const shell = playground.filter(({ path }) => path.startsWith('src/shell/'));
  expect(shell.flatMap(({ imports }) => imports.filter((name) => rooms.includes(room(name))))).toEqual([]);
  // The bench shows the tabs, each loaded when it is looked at.
  expect(wrong.sort()).toEqual([
    'src/predict/Workbench.tsx imports src/csv/CsvTab.tsx',
    'src/predict/Workbench.tsx imports src/snippets/ServerTab.tsx',
  ]);
});

it('KV is written by Durable Objects, and by the command line locally', () => {
  const wrong = sources.filter(
    ({ path, text }) => /\bkv\.(put|delete)\(/i.test(text) && !/-object\.ts$|^cli\//.test(path),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it('every file says what it promises, is no barrel, has no enum, and is one room', () => {
  for (const { path, text } of [...sources, ...playground]) {
    expect(text.startsWith('//'), `${path} opens with its promise`).toBe(true);
    expect(/^export (\*|\{[^}]*\}) from/m.test(text), `${path} is a barrel`).toBe(false);
    expect(/^(export )?(const )?enum /m.test(text), `${path} has an enum`).toBe(false);
    // The playground's Worker begins where wrangler.toml says.
    expect(/(^|\/)(utils|services)\/|\/index\.tsx?$/.test(path) && path !== 'server/index.ts', path).toBe(false);
  }
  const long = [...sources, ...playground].filter(({ text }) => text.split('\n').length > MAX_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
});
