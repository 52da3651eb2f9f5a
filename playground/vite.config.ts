// The playground: a React page and the Worker that serves it. `npm run build:playground` writes dist/playground.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { cloudflare } from '@cloudflare/vite-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command }) => ({
  root: at('.'),
  cacheDir: at('../node_modules/.vite/playground'),
  plugins: [
    react(),
    cloudflare({
      configPath: at('wrangler.toml'),
      inspectorPort: false,
      // `npm run dev` says where the secrets are; a build never holds any.
      config: () => ({ vars: command === 'serve' ? readSecrets(process.env.PLAYGROUND_ENV) : {} }),
    }),
  ],
  build: { outDir: at('../dist/playground'), emptyOutDir: true },
}));

function readSecrets(path: string | undefined): Record<string, string> {
  return path === undefined
    ? {}
    : Object.fromEntries(Object.entries(parseEnv(readFileSync(path, 'utf8'))).map(([k, v]) => [k, v ?? '']));
}
