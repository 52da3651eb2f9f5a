// What an owner does in the console, as a person does it.
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { Model } from '../../../worker/contract.ts';
import { ROOT } from '../../support/start.ts';
import { stack } from './stack.ts';

/** Signs in with the newcomer's account token. */
export async function signIn(page: Page): Promise<void> {
  await page.goto(`${stack.url}/console`);
  await page.getByLabel(/account token/i).fill(stack.token);
  await page.getByRole('button', { name: /sign in/i }).click();
  await expect(page.getByText(/the tutorial does not count/i).first()).toBeVisible();
}

/** Uploads the tutorial's model as one's own. @returns its id. */
export async function importIris(page: Page, name: string): Promise<string> {
  await page.goto(`${stack.url}/console/models/new`);
  const files = ['iris.onnx', 'iris.csv'].map((file) => join(ROOT, 'worker/tutorial', file));
  await page.locator('input[type=file]').setInputFiles(files);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Upload and look at it' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return /model_[0-9a-z]+/.exec(page.url())?.[0] ?? '';
}

/** On the page of a model. */
export async function switchOn(page: Page): Promise<void> {
  await toggle(page);
  await expect(page.getByRole('region', { name: 'Prediction API' }).getByRole('status')).toHaveText(/active/i);
}

export async function switchOff(page: Page): Promise<void> {
  await toggle(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('region', { name: 'Prediction API' }).getByRole('status')).toHaveText('Off');
}

/** The switch itself is hidden behind what is drawn of it. */
async function toggle(page: Page): Promise<void> {
  await page.getByRole('switch', { name: 'Prediction API' }).press('Space');
}

/** Calls a URL as its servers do, with a mistake, and as a page would. @param url of an Iris. */
export async function callOften(url: string): Promise<void> {
  const row = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
  for (let i = 0; i < 3; i += 1) await fetch(`${url}?${row}`);
  await fetch(`${url}?sepalLength=wide`);
  await fetch(`${url}?${row}`, { headers: { Origin: 'https://shop.example' } });
}

/** The URL of the newcomer's tutorial. */
export async function getTutorialUrl(): Promise<string> {
  const headers = { Authorization: `Bearer ${stack.token}` };
  const model = (await (await fetch(`${stack.api}/v1/models/model_tutorial`, { headers })).json()) as Model;
  return model.pipeline.url ?? '';
}

/** What a test that failed has left active would take the place of the next one's. */
export async function freePlace(): Promise<void> {
  const headers = { Authorization: `Bearer ${stack.token}` };
  const { models } = (await (await fetch(`${stack.api}/v1/models`, { headers })).json()) as { models: Model[] };
  for (const { id, tutorial, pipeline } of models) {
    if (tutorial || pipeline.status === 'inactive') continue;
    await fetch(`${stack.api}/v1/models/${id}/deactivate`, { method: 'POST', headers });
  }
}
