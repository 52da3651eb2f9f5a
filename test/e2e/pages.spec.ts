// Every view is readable by everybody: no violation in axe, nothing that runs out of the page, in both schemes and at three
// widths; and the first load stays small.
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { callOften, getTutorialUrl, signIn } from './support/owner.ts';
import { stack } from './support/stack.ts';

/** Bytes of JavaScript, compressed, that the first page may load. */
const FIRST_LOAD_BYTES = 200_000;
/** A page that stays too wide for so long is too wide. */
const SETTLED_MS = 3000;

const VIEWS: readonly { name: string; path: string; owner?: boolean; ready: (page: Page) => Promise<void> }[] = [
  ...['iris', 'churn', 'rent', 'visitors', 'digits'].map((slug) => ({
    name: slug,
    path: `/try/${slug}`,
    ready: async (page: Page) => {
      await expect(page.getByRole('region', { name: 'Answer' })).toHaveAttribute('aria-busy', 'false');
      await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
    },
  })),
  { name: 'csv', path: '/try/churn/csv', ready: (page) => expect(page.getByRole('tabpanel')).toContainText(/CSV/) },
  {
    name: 'server',
    path: '/try/churn/server',
    ready: (page) => expect(page.getByRole('tabpanel').first()).toContainText('PIPELINE_URL'),
  },
  { name: 'nowhere', path: '/nowhere', ready: (page) => expect(page.getByText('Nothing here')).toBeVisible() },
  { name: 'sign-in', path: '/console', ready: (page) => expect(page.getByLabel(/account token/i)).toBeVisible() },
  {
    name: 'models',
    path: '/console',
    owner: true,
    ready: (page) => expect(page.getByText(/the tutorial does not count/i).first()).toBeVisible(),
  },
  {
    name: 'upload',
    path: '/console/models/new',
    owner: true,
    ready: (page) => expect(page.getByText(/\.onnx/).first()).toBeVisible(),
  },
  {
    name: 'model',
    path: '/console/models/model_tutorial',
    owner: true,
    ready: (page) => expect(page.getByRole('heading', { level: 1 })).toBeVisible(),
  },
  {
    name: 'usage',
    path: '/console/models/model_tutorial/usage',
    owner: true,
    ready: async (page) => {
      await expect(
        page
          .getByRole('img', { name: /Calls per hour/ })
          .locator('svg')
          .first(),
      ).toBeVisible();
      await expect(page.getByRole('table', { name: 'Called from web pages' })).toContainText('shop.example');
    },
  },
];

/** At the widest and the narrowest all is looked at; in between, whether anything runs out of the page. */
const WIDTHS = [
  { width: 1440, axe: true },
  { width: 768, axe: false },
  { width: 360, axe: true },
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every view, ${colorScheme}, wide and narrow`, async ({ browser }) => {
    test.slow();
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const violations: string[] = [];
    await callOften(await getTutorialUrl());
    for (const view of [...VIEWS].sort((a, b) => Number(a.owner ?? false) - Number(b.owner ?? false))) {
      if (view.owner && !(await context.cookies(`${stack.url}/console/api/`)).length) await signIn(page);
      await page.goto(stack.url + view.path);
      for (const { width, axe } of WIDTHS) {
        const at = `${view.name} at ${width} px`;
        await page.setViewportSize({ width, height: 900 });
        await view.ready(page);
        // A chart takes its new width some frames after the window has.
        const settled = page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, null, {
          timeout: SETTLED_MS,
        });
        if (!(await settled.then(Boolean, () => false))) violations.push(`${at}: wider than the page`);
        if (!axe) continue;
        const { violations: found } = await new AxeBuilder({ page }).analyze();
        violations.push(
          ...found.map(({ id, nodes }) => `${at}: ${id} at ${nodes.map(({ target }) => target).join(', ')}`),
        );
      }
    }
    expect(violations).toEqual([]);
    await context.close();
  });
}

test('the first load is small, and the charts come when they are needed', async ({ page }) => {
  const loaded: Promise<{ url: string; bytes: number }>[] = [];
  page.on('response', (response) => {
    if (!response.headers()['content-type']?.includes('javascript')) return;
    loaded.push(response.body().then((body) => ({ url: response.url(), bytes: gzipSync(body).length })));
  });
  await page.goto(stack.url);
  await expect(page.getByRole('region', { name: 'Answer' })).toContainText('Iris-setosa');
  await page.waitForLoadState('networkidle');
  const first = await Promise.all(loaded);
  expect(first.length).toBeGreaterThan(0);
  expect(first.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(FIRST_LOAD_BYTES);
  await page.goto(`${stack.url}/try/visitors`);
  await expect(page.getByRole('figure')).toBeVisible();
  const later = await Promise.all(loaded);
  expect(later.length).toBeGreaterThan(first.length + 1);
});
