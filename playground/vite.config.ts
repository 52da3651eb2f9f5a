// The playground: a React page and the Worker that serves it. `npm run build:playground` writes dist/playground.
import { fileURLToPath } from 'node:url';
import { cloudflare } from '@cloudflare/vite-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  cacheDir: at('../node_modules/.vite/playground'),
  plugins: [react(), cloudflare({ configPath: at('wrangler.toml'), inspectorPort: false })],
  build: { outDir: at('../dist/playground'), emptyOutDir: true },
});
