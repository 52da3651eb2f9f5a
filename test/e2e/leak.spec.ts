// The leak test: with everything recorded that the browser gets, sends, stores or prints, no secret of any pipeline and no
// token appears, but in what the owner typed to sign in and in the one answer in which they asked for a URL.
import { expect, test } from '@playwright/test';
import { freePlace, importIris, signIn, switchOff, switchOn } from './support/owner.ts';
import { findLeaks, readAssets, record } from './support/recorder.ts';
import { stack } from './support/stack.ts';

test.afterEach(freePlace);

test('the recorder sees what there is: a secret that is shown is found', async ({ page }) => {
  const { seen, settle } = await record(page);
  await page.goto(`${stack.url}/?x=pipeline_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`);
  await page.evaluate(() => localStorage.setItem('x', btoa('..pipeline_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb')));
  await settle();
  const shown = findLeaks(seen, { a: 'pipeline_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' });
  expect(shown).toEqual(
    expect.arrayContaining([expect.stringMatching(/^a in request GET/), 'a in storage and document']),
  );
  expect(findLeaks(seen, { b: 'pipeline_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' })).toEqual(['b in storage and document']);
});

test('the playground shows no secret', async ({ page }) => {
  const { seen, settle } = await record(page);
  const files = await readAssets(page, seen);
  // Vite's development server builds none; the browser itself asks for each module there.
  if (process.env.E2E_SCRIPT !== 'dev') expect(files).toBeGreaterThan(5);
  for (const slug of ['iris', 'churn', 'rent', 'visitors', 'digits']) {
    for (const tab of ['', '/csv', '/server']) {
      await page.goto(`${stack.url}/try/${slug}${tab}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await settle();
    }
  }
  // And where something is refused.
  await page.goto(`${stack.url}/try/iris`);
  await page.getByRole('textbox', { name: 'sepalWidth' }).fill('x');
  await expect(page.getByRole('alert').first()).toBeVisible();
  for (const path of ['/demo/iris?sepalLenght=1', '/demo/nothing', '/demo/iris/../..', '/demo/iris/openapi.json']) {
    await page.evaluate((to) => fetch(to).then((response) => response.text()), path);
  }
  await settle();
  expect(seen.some(({ where }) => where.startsWith('response body POST') && where.includes('/demo/iris'))).toBe(true);
  expect(findLeaks(seen, stack.secrets)).toEqual([]);
});

test('the console shows no secret and no token, but the URL that its owner asks for', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { seen, settle } = await record(page);
  await signIn(page);
  const id = await importIris(page, 'Leak test');
  await switchOn(page);
  for (const view of ['', '/features', '/manifest', '/versions', '/activity']) {
    await page.goto(`${stack.url}/console/models/${id}${view}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await settle();
  }
  await page.goto(`${stack.url}/console/models/${id}`);
  await settle();
  const before = seen.length;
  // The owner asks.
  const asked = page.waitForResponse(`${stack.url}/console/api/models/${id}/url`);
  await page.getByRole('button', { name: 'Show' }).click();
  const { url } = (await (await asked).json()) as { url: string };
  await expect(page.getByText(url)).toBeVisible();
  await page.getByRole('button', { name: 'Hide' }).click();
  await expect(page.getByText(url)).toHaveCount(0);
  await settle();
  const { pathname } = new URL(url);
  const secrets: Record<string, string> = {
    ...stack.secrets,
    'secret of the new model': pathname.split('/').at(-1) ?? '',
  };
  // Signing in sends the token; nothing else does.
  const { 'account token': token = '', ...others } = secrets;
  const leaks = findLeaks(seen, others);
  expect(leaks).toEqual([`secret of the new model in response body POST ${stack.url}/console/api/models/${id}/url`]);
  expect(findLeaks(seen, { 'account token': token })).toEqual([
    `account token in request body POST ${stack.url}/console/api/session`,
  ]);
  expect(before).toBeGreaterThan(50);

  // Copied without being shown.
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('The URL is in the clipboard')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
  await expect(page.getByText(url)).toHaveCount(0);
  // Rotated: the old one is dead, and the new one is nowhere.
  await page.getByRole('button', { name: /^Rotate/ }).click();
  await page.getByRole('button', { name: 'Replace it' }).click();
  await expect.poll(async () => (await fetch(`${url}/schema`)).status).toBe(404);
  await switchOff(page);
  // Signed out: what the browser keeps opens nothing.
  await page.goto(`${stack.url}/console`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel(/account token/i)).toBeVisible();
  await settle();
  expect(findLeaks(seen.slice(-2), secrets)).toEqual([]);
  expect(await context.cookies()).toEqual([]);
});
