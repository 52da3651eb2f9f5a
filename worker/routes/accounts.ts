// /v1/accounts and /v1/account: an admin creates accounts, an owner looks at theirs and rotates its token.
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { accountSchema, createdAccountSchema, newAccountSchema, tokenSchema } from '../contract.ts';
import type { Deps } from '../env.ts';
import { createAccountId } from '../registry/token.ts';
import { answer, json, refusals } from './documented.ts';
import { ask, type OwnerEnv, requireAdmin, toAccount } from './owner.ts';

const create = createRoute({
  method: 'post',
  path: '/v1/accounts',
  summary: 'Create an account',
  description: 'The token in the answer is shown this once. Every account has the tutorial, which is always active.',
  tags: ['Accounts'],
  security: [{ admin: [] }],
  middleware: [requireAdmin] as const,
  request: { body: json(newAccountSchema) },
  responses: { 201: answer('The account and its token.', createdAccountSchema), ...refusals(400, 401) },
});

const show = createRoute({
  method: 'get',
  path: '/v1/account',
  summary: 'Show the account: plan, limits and what counts against the quota',
  tags: ['Accounts'],
  responses: { 200: answer('The account.', accountSchema), ...refusals(401) },
});

const rotate = createRoute({
  method: 'post',
  path: '/v1/account/token',
  summary: 'Rotate the account token',
  description: 'The old token is dead with the answer.',
  tags: ['Accounts'],
  responses: { 200: answer('The new token, shown this once.', tokenSchema), ...refusals(401) },
});

export function accountRoutes(app: OpenAPIHono<OwnerEnv>, deps: Deps): void {
  app.openapi(create, async (c) => {
    const { name, plan } = c.req.valid('json');
    const id = createAccountId(deps.random);
    const { account, token } = await ask(deps.accounts.get(id).create({ account_id: id, name, plan }));
    return c.json({ ...toAccount(account), token }, 201);
  });
  app.openapi(show, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { account } = await ask(api.getAccount(tokenHash));
    return c.json(toAccount(account), 200);
  });
  app.openapi(rotate, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { token } = await ask(api.rotateToken(tokenHash));
    return c.json({ token }, 200);
  });
}
