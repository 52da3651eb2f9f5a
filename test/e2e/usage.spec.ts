// What an owner sees of the use of a model, and does about a leak: a chart, a cap, and a URL that is replaced with grace.
import { expect, test } from '@playwright/test';
import { callOften, freePlace, importIris, signIn, switchOn } from './support/owner.ts';
import { stack } from './support/stack.ts';

const ROW = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';

test.afterEach(freePlace);

test('a leak is noticed and mended, and a cap is set and felt', async ({ page }) => {
  await signIn(page);
  const id = await importIris(page, 'Leaky');
  await switchOn(page);
  const reveal = async (): Promise<string> => {
    const asked = page.waitForResponse(`${stack.url}/console/api/models/${id}/url`);
    await page.getByRole('button', { name: 'Show' }).click();
    return ((await (await asked).json()) as { url: string }).url;
  };
  const url = await reveal();
  await callOften(url);

  // The numbers are those of the calls.
  await page.goto(`${stack.url}/console/models/${id}/usage`);
  const ends = page.getByRole('table', { name: 'How the calls ended' });
  await expect(ends.getByRole('row', { name: /^Answered/ })).toContainText('3');
  await expect(ends.getByRole('row', { name: /browser_call/ })).toContainText('1');
  await expect(page.getByRole('img', { name: /answered \(200\): 3, refused \(4xx\): 2/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Called from web pages' })).toContainText('shop.example');

  // A cap that is reached: callers get 429, and the page says why.
  await page.getByLabel('Predictions a day, at most').fill('4');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The cap is reached.')).toBeVisible();
  await expect.poll(async () => (await fetch(`${url}?${ROW}`)).status).toBe(429);
  await page.getByLabel('Predictions a day, at most').fill('5000000');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '1 to 1,000,000' })).toBeVisible();
  await page.getByRole('button', { name: 'Use what the plan gives' }).click();
  await expect.poll(async () => (await fetch(`${url}?${ROW}`)).status).toBe(200);

  // One click from the notice.
  await page.reload();
  await expect(page.getByText('Its URL was called from a page on shop.example')).toBeVisible();
  await page.getByRole('button', { name: 'Replace the URL…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'In an hour' }).check();
  await dialog.getByRole('button', { name: 'Replace it' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/Its URL was called/)).toHaveCount(0);
  await expect(page.getByText(/The old URL answers as well until/)).toBeVisible();
  const fresh = await reveal();
  expect(fresh).not.toBe(url);
  for (const each of [fresh, url]) expect((await fetch(`${each}?${ROW}`)).status).toBe(200);
});
