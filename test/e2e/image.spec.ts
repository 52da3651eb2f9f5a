// An image finds its way in: drawn, dropped, pasted, chosen, or one of the samples.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { ROOT } from '../support/start.ts';
import { stack } from './support/stack.ts';

const SAMPLES = join(ROOT, 'playground/demos/digits/samples');
const EXPECTED = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8')) as unknown;
const file = 'drawn-7-200.png';

const winner = (page: Page) => page.getByRole('region', { name: 'Answer' }).locator('p').first();

test.beforeEach(async ({ page }) => {
  await page.goto(`${stack.url}/try/digits`);
  await expect(page.getByRole('img', { name: /^Paper to draw on/ })).toBeVisible();
});

test('by drawing, with undo and clear', async ({ page }) => {
  const box = await page.getByRole('img', { name: /^Paper to draw on/ }).boundingBox();
  if (box === null) throw new Error('no paper');
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  const line = async (...points: (readonly [number, number])[]) => {
    const [first = [0, 0], ...rest] = points;
    await page.mouse.move(...at(...first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(...point), { steps: 12 });
    await page.mouse.up();
  };
  // A one: a stroke down.
  await line([0.5, 0.15], [0.5, 0.85]);
  await expect(winner(page)).toHaveText('1');
  // A seven: with a roof to the left of it.
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByText('the answer comes by itself')).toBeVisible();
  await line([0.28, 0.18], [0.72, 0.18], [0.45, 0.85]);
  await expect(winner(page)).toHaveText('7');
  await line([0.3, 0.85], [0.72, 0.85]);
  await expect(winner(page)).toHaveText('2');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(winner(page)).toHaveText('7');
});

test('by file, by drop and by paste', async ({ page }) => {
  expect(JSON.stringify(EXPECTED)).toContain(file);
  const bytes = readFileSync(join(SAMPLES, file));
  await page.locator('input[type=file]').setInputFiles({ name: file, mimeType: 'image/png', buffer: bytes });
  await expect(winner(page)).toHaveText('7');
  for (const way of ['drop', 'paste'] as const) {
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect(winner(page)).toHaveText(/the answer comes by itself/);
    await page.evaluate(
      async ({ base64, way: how }) => {
        const data = new DataTransfer();
        const blob = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        data.items.add(new File([blob], 'digit.png', { type: 'image/png' }));
        const target = document.querySelector('canvas')?.parentElement ?? document.body;
        if (how === 'paste') {
          document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
          return;
        }
        for (const type of ['dragenter', 'dragover', 'drop']) {
          target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }
      },
      { base64: bytes.toString('base64'), way },
    );
    await expect(winner(page)).toHaveText('7');
  }
});

test('by one of the samples', async ({ page }) => {
  await page.getByRole('button', { name: 'Sample 1' }).click();
  await expect(winner(page)).toHaveText(/^\d$/);
  await expect(page.getByRole('img', { name: 'What is sent' })).toBeVisible();
});

test('a photo that is too large is made smaller, and it is said', async ({ page }) => {
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4000, 3000);
    canvas.getContext('2d')?.fillRect(0, 0, 10, 10);
    const data = new DataTransfer();
    data.items.add(new File([await canvas.convertToBlob({ type: 'image/jpeg' })], 'photo.jpg', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(page.getByRole('status').filter({ hasText: 'Scaled from 4000 × 3000' })).toBeVisible();
  await expect(winner(page)).toHaveText(/^\d$/);
});

test('what is no image is said', async ({ page }) => {
  const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
  await page.locator('input[type=file]').setInputFiles(text);
  await expect(page.getByRole('status').filter({ hasText: 'notes.txt is no image' })).toBeVisible();
  const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no PNG at all') };
  await page.locator('input[type=file]').setInputFiles(broken);
  await expect(page.getByRole('alert').first()).toBeVisible();
});
