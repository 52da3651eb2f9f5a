// Tests in a real Chromium, against `npm start` as a newcomer has it: the built playground, the API, an empty state.
import { defineConfig } from '@playwright/test';
import { findChromium } from './test/e2e/support/chromium.ts';

const OWNER = /\/(console|leak|usage|screenshots)\.spec\.ts$/;
const PAGES = /\/pages\.spec\.ts$/;

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'dist/e2e',
  globalSetup: './test/e2e/support/stack.ts',
  // One stack and two cores: tests that change the owner's account take turns, beside those that change nothing. What takes
  // longest comes first.
  workers: 2,
  fullyParallel: false,
  projects: [
    { name: 'owner', testMatch: OWNER, workers: 1 },
    { name: 'pages', testMatch: PAGES },
    { name: 'visitor', testIgnore: [OWNER, PAGES] },
  ],
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  // A million things may be slow on a small machine; nothing here measures speed.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: await findChromium(),
  },
});
