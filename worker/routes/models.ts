// /v1/models: import, list, show, amend and delete models, and their versions.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { amend } from '../amend.ts';
import {
  eventListSchema,
  modelIdSchema,
  modelListSchema,
  modelSchema,
  pageSchema,
  patchSchema,
  uploadSchema,
  usageSchema,
  versionSchema,
} from '../contract.ts';
import type { Deps } from '../env.ts';
import type { Page } from '../registry/account-api.ts';
import { toReference } from '../registry/model-store.ts';
import { importUpload } from '../upload.ts';
import { answer, json, refusals } from './documented.ts';
import { ask, type OwnerEnv, toModel, toUsage, toVersion } from './owner.ts';

const tags = ['Models'];
const params = z.object({ id: modelIdSchema });
const versionParams = params.extend({ version: z.coerce.number().int().min(1) });
const form = { required: true, content: { 'multipart/form-data': { schema: uploadSchema } } };

const upload = createRoute({
  method: 'post',
  path: '/v1/models',
  summary: 'Import a model',
  description:
    'Reads the graph, infers the manifest from it and from the training CSV, runs rows of the CSV and reports what was found, changed and guessed. Nothing is active yet.',
  tags,
  request: { body: form },
  responses: {
    201: answer('The model and its import report.', modelSchema),
    ...refusals(400, 401, 409, 413, 415, 422, 503),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'List models',
  description: 'In the order of creation, the tutorial first.',
  tags,
  request: { query: pageSchema },
  responses: { 200: answer('A page of models.', modelListSchema), ...refusals(400, 401) },
});

const show = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  summary: 'Show a model',
  tags,
  request: { params },
  responses: { 200: answer('The model.', modelSchema), ...refusals(401, 404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/v1/models/{id}',
  summary: 'Rename a model, amend its manifest or set its daily cap',
  description:
    'An amended manifest is a new version with the bytes of the newest one, tried on the golden rows. It is live once it is activated.',
  tags,
  request: { params, body: json(patchSchema) },
  responses: { 200: answer('The model.', modelSchema), ...refusals(400, 401, 404, 409, 422, 503) },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/models/{id}',
  summary: 'Delete a model with its versions',
  description: 'An active one is to be deactivated first.',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone.' }, ...refusals(401, 404, 409) },
});

const addVersion = createRoute({
  method: 'post',
  path: '/v1/models/{id}/versions',
  summary: 'Import a new version',
  description: 'The live version keeps serving until the new one is activated and has passed its checks.',
  tags,
  request: { params, body: form },
  responses: {
    201: answer('The model, with the report of the new version.', modelSchema),
    ...refusals(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const showVersion = createRoute({
  method: 'get',
  path: '/v1/models/{id}/versions/{version}',
  summary: 'Show a version: its manifest and its import report',
  tags,
  request: { params: versionParams },
  responses: { 200: answer('The version.', versionSchema), ...refusals(400, 401, 404) },
});

const download = createRoute({
  method: 'get',
  path: '/v1/models/{id}/versions/{version}/model',
  summary: 'Download the ONNX file of a version',
  description:
    'The bytes that are served, of which `digest` is the SHA-256. Imported with the manifest of the version, they answer the same.',
  tags,
  request: { params: versionParams },
  responses: {
    200: {
      description: 'The file.',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    },
    ...refusals(400, 401, 404, 503),
  },
});

const events = createRoute({
  method: 'get',
  path: '/v1/models/{id}/events',
  summary: 'Read the audit log',
  description: 'Every transition with its time, its actor and its reason, the newest first. It outlives the model.',
  tags,
  request: { params, query: pageSchema },
  responses: { 200: answer('A page of events.', eventListSchema), ...refusals(400, 401, 404) },
});

const usage = createRoute({
  method: 'get',
  path: '/v1/models/{id}/usage',
  summary: 'Show how much the model is used',
  description:
    'Calls per hour and status, predictions, what is left of the daily cap, and the pages that called the URL. Some seconds behind.',
  tags,
  request: { params },
  responses: { 200: answer('The usage.', usageSchema), ...refusals(401, 404) },
});

export function modelRoutes(app: OpenAPIHono<OwnerEnv>, deps: Deps): void {
  // Documented only: a validator would read 50 MB before the limits are looked at.
  for (const route of [upload, addVersion]) app.openAPIRegistry.registerPath(route);

  app.post('/v1/models', async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { name, version } = await importUpload(c.req.raw, deps.startEngine);
    const { model } = await ask(api.addModel(tokenHash, { ...version, name }));
    return c.json(toModel(c, model), 201);
  });
  app.post('/v1/models/:id/versions', async (c) => {
    const { api, tokenHash } = c.var.owner;
    const id = c.req.param('id');
    // First, so that nobody uploads for nothing.
    await ask(api.getVersion(tokenHash, id));
    const { version } = await importUpload(c.req.raw, deps.startEngine);
    const { model } = await ask(api.addVersion(tokenHash, id, version));
    return c.json(toModel(c, model), 201);
  });
  app.openapi(list, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { models, next } = await ask(api.listModels(tokenHash, toPage(c.req.valid('query'))));
    return c.json({ models: models.map((model) => toModel(c, model)), next }, 200);
  });
  app.openapi(show, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { model } = await ask(api.getModel(tokenHash, c.req.valid('param').id));
    return c.json(toModel(c, model), 200);
  });
  app.openapi(patch, async (c) => {
    const { api, tokenHash, accountId } = c.var.owner;
    const { id } = c.req.valid('param');
    const { name, manifest, daily_cap, on_cap } = c.req.valid('json');
    const base = manifest === undefined ? null : await ask(api.getVersion(tokenHash, id));
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(base === null ? {} : { amendment: await amend(deps, base.version, manifest) }),
      ...(daily_cap === undefined && on_cap === undefined
        ? {}
        : { cap: { ...(daily_cap === undefined ? {} : { daily_cap }), ...(on_cap === undefined ? {} : { on_cap }) } }),
    };
    const { model, forget } = await ask(api.patchModel(tokenHash, id, change));
    for (const secret of forget) deps.reader.forget(secret, accountId);
    return c.json(toModel(c, model), 200);
  });
  app.openapi(remove, async (c) => {
    const { api, tokenHash, accountId } = c.var.owner;
    const { forget } = await ask(api.deleteModel(tokenHash, c.req.valid('param').id));
    for (const secret of forget) deps.reader.forget(secret, accountId);
    return c.body(null, 204);
  });
  app.openapi(showVersion, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { id, version } = c.req.valid('param');
    const found = await ask(api.getVersion(tokenHash, id, version));
    return c.json(toVersion(found.version), 200);
  });
  app.openapi(download, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const { id, version } = c.req.valid('param');
    const found = await ask(api.getVersion(tokenHash, id, version));
    const bytes = await readWhole(deps.reader.readModel(toReference(found.version)), found.version.size_bytes);
    c.header('Content-Type', 'application/octet-stream');
    c.header('Content-Disposition', `attachment; filename="${id}-${version}.onnx"`);
    return c.body(bytes, 200);
  });
  app.openapi(events, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const found = await ask(api.listEvents(tokenHash, c.req.valid('param').id, toPage(c.req.valid('query'))));
    return c.json({ events: [...found.events], next: found.next }, 200);
  });
  app.openapi(usage, async (c) => {
    const { api, tokenHash } = c.var.owner;
    const found = await ask(api.getUsage(tokenHash, c.req.valid('param').id));
    return c.json(toUsage(found.usage), 200);
  });
}

function toPage({ limit, cursor }: { limit?: number | undefined; cursor?: string | undefined }): Page {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

/** Before the first byte is answered: what storage does not give is a 503 and not half a file. */
async function readWhole(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
