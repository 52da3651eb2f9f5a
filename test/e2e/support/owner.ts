// What an owner does before anything else.
import { expect, type Page } from '@playwright/test';
import { stack } from './stack.ts';

/** Signs in with the newcomer's account token, as a person does. */
export async function signIn(page: Page): Promise<void> {
  await page.goto(`${stack.url}/console`);
  await page.getByLabel(/account token/i).fill(stack.token);
  await page.getByRole('button', { name: /sign in/i }).click();
  await expect(page.getByText(/the tutorial does not count/i).first()).toBeVisible();
}
