// Programs of the bench that use rooms of the Worker, bundled for Node: it cannot import .wasm as workerd does.
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../support/build.ts';

const FOLDER = join(ROOT, 'dist/node');

/** @param name of a file beside this one, without `.ts`. @returns the path of the bundle. */
export async function bundleForNode(name: string): Promise<string> {
  const outfile = join(FOLDER, `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, `test/bench/${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'wasm',
        setup(build) {
          build.onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
            contents: `import { readFileSync } from 'node:fs';
              export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
          }));
        },
      },
    ],
  });
  return outfile;
}
