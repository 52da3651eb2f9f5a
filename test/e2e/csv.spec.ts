// A CSV of any size: progress while it is predicted, a summary, a preview, the answers to take home; and a wrong row by its number.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { stack } from './support/stack.ts';

const ROWS = 100_000;
const HEADER = 'sepalLength,sepalWidth,petalLength,petalWidth';
const row = (i: number): string =>
  `${4 + (i % 30) / 10},${2 + (i % 20) / 10},${1 + (i % 50) / 10},${0.1 + (i % 24) / 10}`;
const toCsv = (rows: string[]): Buffer => Buffer.from(`${[HEADER, ...rows].join('\n')}\n`);
const many = Array.from({ length: ROWS }, (_, i) => row(i));
const file = (rows: string[]) => ({ name: 'irises.csv', mimeType: 'text/csv', buffer: toCsv(rows) });

test.beforeEach(async ({ page }) => {
  await page.goto(`${stack.url}/try/iris/csv`);
  await expect(page.getByRole('heading', { name: 'Drop a CSV here' })).toBeVisible();
});

test('a hundred thousand rows, with progress, answered as the API answers them', async ({ page }) => {
  const bar = page.getByRole('progressbar', { name: 'Part of the file that is predicted' });
  await page.locator('input[type=file]').setInputFiles(file(many));
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress).toContainText(/Rows per second/);
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        seen.add((await bar.getAttribute('aria-valuenow', { timeout: 1000 }).catch(() => null)) ?? 'gone');
        return (await progress.textContent()) ?? '';
      },
      { timeout: 90_000, intervals: [50] },
    )
    .toMatch(/100,000 rows predicted/);
  expect(seen.size).toBeGreaterThan(2);
  const waiting = page.waitForEvent('download');
  await progress.getByRole('button', { name: 'Predictions alone' }).click();
  const answers = readFileSync(await (await waiting).path(), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  expect(answers.length).toBe(ROWS + 1);
  const direct = await fetch(`${stack.url}/demo/iris`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', Accept: 'text/csv' },
    body: new Uint8Array(toCsv(many.slice(0, 2000))),
  });
  const expected = (await direct.text()).trimEnd().split(/\r?\n/);
  expect(answers.slice(0, 2001)).toEqual(expected);
  await expect(page.getByRole('img', { name: /Iris-setosa/ })).toBeVisible();
});

test('a wrong row is named by its number in the file, and what was before it stays', async ({ page }) => {
  const rows = many.slice(0, 30_000);
  rows[23_455] = '5.1,"3,5",1.4,0.2';
  await page.locator('input[type=file]').setInputFiles(file(rows));
  const failure = page.getByRole('alert').filter({ hasText: '23,456' });
  await expect(failure).toBeVisible({ timeout: 60_000 });
  await expect(failure).toContainText('sepalWidth');
});

test('the sample needs no file, and can be cancelled like any', async ({ page }) => {
  await page.getByRole('button', { name: 'Try it with a sample' }).click();
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/rows predicted/, { timeout: 30_000 });
});
