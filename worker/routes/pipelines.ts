// The switch of a model: activate, deactivate, and a new secret for its URL.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { activationSchema, modelIdSchema, modelSchema, rotationSchema } from '../contract.ts';
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
  description:
    'The old URL is dead: at once here, within 60 s everywhere. With `grace_seconds` it serves until these are over, so that servers can be switched over; one that an earlier rotation left is dead at once.',
  tags,
  request: { params, body: { required: false, content: { 'application/json': { schema: rotationSchema } } } },
  responses: { 200: answer('The model, with its new URL.', modelSchema), ...refusals(400, 401, 404) },
});

export function pipelineRoutes(app: OpenAPIHono<OwnerEnv>, deps: Deps): void {
  const forget = (secrets: readonly string[], { accountId }: Owner): void => {
    for (const secret of secrets) deps.reader.forget(secret, accountId);
  };
  // Documented only: the body may be absent, whatever its type is said to be.
  for (const route of [activate, rotate]) app.openAPIRegistry.registerPath(route);
  app.post('/v1/models/:id/activate', async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { version } = parseBody(activationSchema, await c.req.text(), '{"version": 1}');
    const { model, forget: secrets } = await ask(api.activate(tokenHash, c.req.param('id'), version));
    const { status, candidate } = model.pipeline;
    if (status === 'active' && candidate === undefined) return c.json(toModel(c, model), 200);
    // Another version will take over under the same URLs.
    forget(secrets, c.var.owner);
    return c.json(toModel(c, model), 202);
  });
  app.openapi(deactivate, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const changed = await ask(api.deactivate(tokenHash, c.req.valid('param').id));
    forget(changed.forget, c.var.owner);
    return c.json(toModel(c, changed.model), 200);
  });
  app.post('/v1/models/:id/rotate', async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { grace_seconds } = parseBody(rotationSchema, await c.req.text(), '{"grace_seconds": 3600}');
    const changed = await ask(api.rotateSecret(tokenHash, c.req.param('id'), grace_seconds));
    forget(changed.forget, c.var.owner);
    return c.json(toModel(c, changed.model), 200);
  });
}

/** @throws AppError malformed_body, invalid_input */
function parseBody<T extends object>(schema: z.ZodType<T>, text: string, example: string): T {
  let body: unknown;
  try {
    body = text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AppError('malformed_body', `The body is not valid JSON. It may be left out, or be ${example}.`, {
      cause,
    });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid_input', `${issue?.path.join('.') || 'body'}: ${issue?.message}.`);
}
