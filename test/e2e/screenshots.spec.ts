// The pictures of the README: `npm run screenshots` takes them anew. Not a test of how things look, but of nothing either.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../support/start.ts';
import { freePlace, importIris, signIn, switchOn } from './support/owner.ts';
import { stack } from './support/stack.ts';

test.skip(process.env.SCREENSHOTS === undefined, 'npm run screenshots takes them');
test.use({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5 });
test.afterEach(freePlace);

const at = (name: string): { path: string } => ({ path: join(ROOT, `docs/screens/${name}.png`) });

test('the playground', async ({ page }) => {
  await page.goto(`${stack.url}/try/churn`);
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer).toHaveAttribute('aria-busy', 'false');
  await page.getByRole('textbox', { name: 'supportCalls' }).fill('4');
  await page.waitForTimeout(1200);
  await page.getByText('twoYears', { exact: true }).click();
  await page.waitForTimeout(1200);
  await page.screenshot(at('playground'));
});

test('an image, in the dark', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${stack.url}/try/digits`);
  const buffer = readFileSync(join(ROOT, 'playground/demos/digits/samples/drawn-7-200.png'));
  await page.locator('input[type=file]').setInputFiles({ name: '7.png', mimeType: 'image/png', buffer });
  await expect(page.getByRole('region', { name: 'Answer' }).locator('p').first()).toHaveText('7');
  await page.screenshot(at('image'));
});

test('the code', async ({ page }) => {
  await page.goto(`${stack.url}/try/churn/server`);
  await page.getByRole('tab', { name: 'Python' }).click();
  await page.screenshot(at('server'));
});

test('the console', async ({ page }) => {
  await signIn(page);
  await importIris(page, 'My irises');
  await switchOn(page);
  await page.screenshot(at('console'));
});
