// An owner's whole way in the console: from a token to a live URL, and back.
import { expect, test } from '@playwright/test';
import { freePlace, importIris, signIn, switchOff, switchOn } from './support/owner.ts';
import { stack } from './support/stack.ts';

const ROW = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';

test.afterEach(freePlace);

test('a wrong token gets nobody in, and is not kept', async ({ page }) => {
  await page.goto(`${stack.url}/console`);
  const field = page.getByLabel(/account token/i);
  await field.fill(`postern_${'x'.repeat(48)}`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await expect(page.getByText(/no account has this token/i)).toBeVisible();
  await expect(field).toHaveValue('');
  await expect(field).toHaveAttribute('type', 'password');
});

test('from an upload to a live URL, another version, and off again', async ({ page }) => {
  await signIn(page);
  const id = await importIris(page, 'My irises');
  await expect(page.getByText(/1\.00\s*accuracy/)).toBeVisible();
  await switchOn(page);
  const asked = page.waitForResponse(`${stack.url}/console/api/models/${id}/url`);
  await page.getByRole('button', { name: 'Show' }).click();
  const { url } = (await (await asked).json()) as { url: string };
  expect(await (await fetch(`${url}?${ROW}`)).text()).toBe(ANSWER);

  // What was guessed is amended: a new version, which is activated under the same URL.
  await page.getByRole('tab', { name: 'Review' }).click();
  await page.getByText('As JSON').click();
  await page.getByRole('textbox').last().fill('{"features": [{"name": "petalWidth", "unit": "cm"}]}');
  await page.getByRole('button', { name: 'Save as version 2' }).click();
  await expect(page.getByText(/version 2/i).first()).toBeVisible();
  await page.goto(`${stack.url}/console/models/${id}/versions`);
  await page.getByRole('table').getByRole('button', { name: 'Activate version 2' }).click();
  await expect.poll(async () => (await fetch(`${url}?${ROW}`)).headers.get('X-Model-Version')).toBe('2');
  await page.goto(`${stack.url}/console/models/${id}/activity`);
  await expect(page.getByRole('tabpanel')).toContainText(/activat/i);

  // The list shows what counts, and what does not.
  await page.goto(`${stack.url}/console`);
  await expect(page.getByText(/the tutorial does not count/i).first()).toBeVisible();
  await expect(page.getByRole('main')).toContainText('1 of 1');
  await page.goto(`${stack.url}/console/models/${id}`);
  await switchOff(page);
  // The page shows what is wished for before it is answered.
  await expect.poll(async () => (await fetch(`${url}?${ROW}`)).status).toBe(403);
});

test('the quota says who holds the place, and gives way by one click', async ({ page }) => {
  await signIn(page);
  const first = await importIris(page, 'First of two');
  await switchOn(page);
  await importIris(page, 'Second of two');
  await page.getByRole('switch', { name: 'Prediction API' }).press('Space');
  const refusal = page.getByRole('alert').filter({ hasText: 'no free place' });
  await expect(refusal).toContainText('First of two');
  await refusal.getByRole('button', { name: /Deactivate First of two and activate Second of two/ }).click();
  await expect(page.getByRole('region', { name: 'Prediction API' }).getByRole('status')).toHaveText(/active/i);
  await switchOff(page);
  await page.goto(`${stack.url}/console/models/${first}`);
  await expect(page.getByRole('region', { name: 'Prediction API' }).getByRole('status')).toHaveText(/off/i);
});

test('what cannot be served is refused in full, and the files stay', async ({ page }) => {
  await signIn(page);
  await page.goto(`${stack.url}/console/models/new`);
  const broken = { name: 'broken.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('no model at all') };
  await page.locator('input[type=file]').setInputFiles(broken);
  await page.getByRole('button', { name: 'Upload and look at it' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page.getByText('broken.onnx').first()).toBeVisible();
});

test('the tutorial cannot be switched off', async ({ page }) => {
  await signIn(page);
  await page.goto(`${stack.url}/console/models/model_tutorial`);
  await expect(page.getByRole('switch', { name: 'Prediction API' })).toBeDisabled();
});

test('who is not signed in is asked to be', async ({ page }) => {
  await page.goto(`${stack.url}/console/models/model_tutorial`);
  await expect(page.getByLabel(/account token/i)).toBeVisible();
});
