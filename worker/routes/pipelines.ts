// The switch of a model: activate, deactivate, and a new secret for its URL.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { activationSchema, modelIdSchema, modelSchema } from '../contract.ts';
import type { Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import { answer, refusals } from './documented.ts';
import { ask, type Owner, type OwnerEnv, toModel } from './owner.ts';

const tags = ['Pipelines'];
const params = z.object({ id: modelIdSchema });

const activate = createRoute({
  method: 'post',
  path: '/v1/models/{id}/activate',
  summary: 'Switch the prediction URL on, or to another version',
  description:
    'Answers at once: the version is loaded, warmed up and checked where it will serve, and only then live; look at `pipeline` again. The URL stays what it was. Going back to an earlier version is this call too.',
  tags,
  request: { params, body: { required: false, content: { 'application/json': { schema: activationSchema } } } },
  responses: {
    200: answer('Nothing to do: this version is active.', modelSchema),
    202: answer('It is being deployed.', modelSchema),
    ...refusals(400, 401, 404, 409),
  },
});

const deactivate = createRoute({
  method: 'post',
  path: '/v1/models/{id}/deactivate',
  summary: 'Switch the prediction URL off',
  description: 'At once here, within 60 s everywhere. The URL is the same when it is switched on again.',
  tags,
  request: { params },
  responses: { 200: answer('The model.', modelSchema), ...refusals(401, 404, 409) },
});

const rotate = createRoute({
  method: 'post',
  path: '/v1/models/{id}/rotate',
  summary: 'Replace the secret URL',
  description: 'The old URL is dead: at once here, within 60 s everywhere.',
  tags,
  request: { params },
  responses: { 200: answer('The model, with its new URL.', modelSchema), ...refusals(401, 404) },
});

export function pipelineRoutes(app: OpenAPIHono<OwnerEnv>, deps: Deps): void {
  const forget = (secret: string | null, { accountId }: Owner): void => {
    if (secret !== null) deps.reader.forget(secret, accountId);
  };
  // Documented only: the body may be absent, whatever its type is said to be.
  app.openAPIRegistry.registerPath(activate);
  app.post('/v1/models/:id/activate', async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { version } = parseActivation(await c.req.text());
    const { model } = await ask(api.activate(tokenHash, c.req.param('id'), version));
    const { status, candidate, secret } = model.pipeline;
    if (status === 'active' && candidate === undefined) return c.json(toModel(c, model), 200);
    // Another version will take over under the same URL.
    forget(secret, c.var.owner);
    return c.json(toModel(c, model), 202);
  });
  app.openapi(deactivate, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const changed = await ask(api.deactivate(tokenHash, c.req.valid('param').id));
    forget(changed.forget, c.var.owner);
    return c.json(toModel(c, changed.model), 200);
  });
  app.openapi(rotate, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const changed = await ask(api.rotateSecret(tokenHash, c.req.valid('param').id));
    forget(changed.forget, c.var.owner);
    return c.json(toModel(c, changed.model), 200);
  });
}

function parseActivation(text: string): { version?: number | undefined } {
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new AppError('malformed_body', 'The body is not valid JSON. It may be left out, or be {"version": 1}.', {
      cause,
    });
  }
  const parsed = activationSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid_input', `${issue?.path.join('.') || 'body'}: ${issue?.message}.`);
}
