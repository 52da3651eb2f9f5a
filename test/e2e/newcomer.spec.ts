// Somebody opens the page and has read nothing.
import { expect, test } from '@playwright/test';
import { stack } from './support/stack.ts';

test.beforeEach(async ({ page }) => {
  await page.goto(stack.url);
});

test('an answer is there before anything is asked', async ({ page }) => {
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer.getByText('Iris-setosa').first()).toBeVisible({ timeout: 10_000 });
  await expect(answer.getByText(/^\d+(\.\d)? ms/)).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/iris/i);
});

test('a newcomer predicts an Iris', async ({ page }) => {
  const answer = page.getByRole('region', { name: 'Answer' });
  for (const [name, value] of [
    ['sepalLength', '1.0'],
    ['sepalWidth', '1.0'],
    ['petalLength', '1.5'],
    ['petalWidth', '2.0'],
  ] as const) {
    await page.getByRole('textbox', { name }).fill(value);
  }
  await expect(answer.locator('p').first()).toHaveText('Iris-virginica');
  await expect(answer.getByRole('definition')).toHaveText(['39.3 %', '10.7 %', '50.0 %']);
  await answer.getByRole('button', { name: 'JSON' }).click();
  await expect(
    answer.getByText('{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}'),
  ).toBeVisible();
});

test('a slider moves by keyboard, and the answer with it', async ({ page }) => {
  const slider = page.getByRole('slider', { name: /petalLength/ });
  await slider.focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('textbox', { name: 'petalLength' })).toHaveValue('6.9');
  await expect(page.getByRole('region', { name: 'Answer' }).getByRole('definition').first()).not.toHaveText('100.0 %');
});

test('what is wrong is said at its field, and mended by one click', async ({ page }) => {
  const field = page.getByRole('textbox', { name: 'sepalWidth' });
  await field.fill('3,5');
  const said = page.getByRole('alert').filter({ hasText: '"3,5" is not a number' });
  await expect(said.first()).toBeVisible();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'Use 3.5' }).click();
  await expect(field).toHaveValue('3.5');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await field.fill('');
  await expect(page.getByRole('alert').first()).toContainText('sepalWidth');
});

test('the last answers can be compared and brought back', async ({ page }) => {
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer.getByText('Iris-setosa').first()).toBeVisible();
  await page.waitForTimeout(1200);
  await page.getByRole('textbox', { name: 'petalLength' }).fill('6.5');
  const last = page.getByRole('region', { name: 'Last answers' });
  await expect(last.getByRole('listitem')).toHaveCount(2);
  await expect(last.getByRole('listitem').first()).toContainText('petalLength 6.5');
  await last.getByRole('button', { name: /100\.0 %/ }).click();
  await expect(page.getByRole('textbox', { name: 'petalLength' })).toHaveValue('1.4');
});

test('each demo answers: churn, rent, visitors', async ({ page }) => {
  const answer = page.getByRole('region', { name: 'Answer' });
  const models = page.getByRole('navigation', { name: 'Models to try' });
  await models.getByRole('link', { name: /churn/i }).click();
  await expect(answer.locator('p').first()).toHaveText(/^(leaves|stays)$/);
  await page.getByRole('textbox', { name: /lastLoginDays/ }).fill('');
  await expect(answer).toHaveAttribute('aria-busy', 'false');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await models.getByRole('link', { name: /rent/i }).click();
  await expect(answer.locator('p').first()).toHaveText(/^[\d,.]+EUR/);
  await models.getByRole('link', { name: /visitors/i }).click();
  await expect(answer.getByRole('figure', { name: /^Chart: 12 values/ })).toBeVisible();
  await expect(answer.getByRole('definition')).toHaveCount(6);
});

test('an address without a page says so', async ({ page }) => {
  for (const path of ['/nowhere', '/try/nothing', '/try/iris/nothing']) {
    await page.goto(stack.url + path);
    await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  }
});
