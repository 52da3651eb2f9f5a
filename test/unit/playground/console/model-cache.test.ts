// One model, shown in several places: an answer that holds it refreshes all of them, and a session that ends takes
// everything along.
import { QueryClient } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { consoleApi, keys } from '../../../../playground/src/console/api.ts';
import {
  isMoving,
  type ModelPages,
  storeModel,
  toPollInterval,
  toQuery,
} from '../../../../playground/src/console/model-cache.ts';
import { enterSession } from '../../../../playground/src/console/session.ts';
import { findHolders } from '../../../../playground/src/console/use-switch.ts';
import { ApiFailure } from '../../../../playground/src/transport.ts';
import type { ConsoleModel } from '../../../../playground/wire.ts';
import type { Account } from '../../../../worker/contract.ts';

const model = (id: string, status: ConsoleModel['pipeline']['status']): ConsoleModel => ({
  id,
  name: id,
  created_at: '2026-11-24T09:00:00.000Z',
  tutorial: false,
  task: 'regression',
  label: null,
  classes: null,
  features: [],
  versions: [],
  report: {},
  pipeline: { status, version: 1, activated_at: null, daily_cap: 1000, on_cap: 'refuse' },
  page_calls: { calls: 0, last_at: null, origins: [] },
});

it('an answer refreshes the list and asks for the quota again', () => {
  const queries = new QueryClient();
  const pages: ModelPages = {
    pages: [{ models: [model('a', 'inactive'), model('b', 'active')], next: null }],
    pageParams: [null],
  };
  queries.setQueryData(keys.models, pages);
  queries.setQueryData(keys.account, {});
  const stale = (): boolean => queries.getQueryState(keys.account)?.isInvalidated ?? false;
  storeModel(queries, model('a', 'inactive'));
  expect(stale()).toBe(false);
  storeModel(queries, model('a', 'deploying'));
  expect(stale()).toBe(true);
  const listed = queries.getQueryData<ModelPages>(keys.models)?.pages[0]?.models ?? [];
  expect(listed.map(({ id, pipeline }) => [id, pipeline.status])).toEqual([
    ['a', 'deploying'],
    ['b', 'active'],
  ]);
});

it('what was asked for before a switch does not undo it', async () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.model('a'), model('a', 'inactive'));
  let answer: (model: ConsoleModel) => void = () => undefined;
  const asked = vi.spyOn(consoleApi, 'getModel').mockReturnValue(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  const { queryKey, queryFn } = toQuery(queries, 'a');
  const looked = queries.fetchQuery({ queryKey, queryFn });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  storeModel(queries, model('a', 'deploying'));
  answer(model('a', 'inactive'));
  expect((await looked).pipeline.status).toBe('deploying');
  expect(queries.getQueryData<ConsoleModel>(queryKey)?.pipeline.status).toBe('deploying');
  asked.mockRestore();
});

it('what is on its way is followed, and nothing else', () => {
  expect(isMoving(model('a', 'deploying').pipeline)).toBe(true);
  expect(isMoving({ ...model('a', 'active').pipeline, candidate: 2 })).toBe(true);
  for (const status of ['active', 'inactive', 'failed'] as const)
    expect(isMoving(model('a', status).pipeline)).toBe(false);
});

it('is looked at often, and seldom where storage is in the way', () => {
  const deploying = model('a', 'deploying').pipeline;
  expect(toPollInterval(deploying)).toBe(300);
  expect(toPollInterval({ ...deploying, reason: 'Storage does not answer.' })).toBe(2000);
  expect(toPollInterval(model('a', 'active').pipeline)).toBe(false);
  expect(toPollInterval(undefined)).toBe(false);
});

it('a session leaves nothing of the one before', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.models, { pages: [], pageParams: [] });
  queries.setQueryData(keys.model('a'), model('a', 'active'));
  queries.setQueryData(['demos'], 'stays');
  const account = { id: 'account_1' } as Account;
  enterSession(queries, { account });
  expect(queries.getQueryData(keys.model('a'))).toBeUndefined();
  expect(queries.getQueryData(keys.models)).toBeUndefined();
  expect(queries.getQueryData(['demos'])).toBe('stays');
  expect(queries.getQueryData(keys.account)).toEqual(account);
  enterSession(queries, { account: null });
  expect(queries.getQueryData(keys.account)).toBeUndefined();
  expect(queries.getQueryData(keys.session)).toEqual({ account: null });
});

it('the models that hold the places are read from the refusal', () => {
  const holder = { id: 'b', name: 'B', status: 'active' };
  const body = { error: '', code: 'quota_exceeded' as const, message: '', request_id: '', active: [holder] };
  expect(findHolders(new ApiFailure(409, body))).toEqual([holder]);
  expect(findHolders(new ApiFailure(409, { ...body, code: 'conflict' }))).toBeNull();
  expect(findHolders(null)).toBeNull();
});
