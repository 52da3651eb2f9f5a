// The management API, its OpenAPI document and its reference. Loaded with its first request: predictions need none of
// it, and their isolate starts without.
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { Deps } from '../env.ts';
import { AppError, toAppError, toErrorBody } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { accountRoutes } from './accounts.ts';
import { modelRoutes } from './models.ts';
import { type OwnerEnv, requireOwner } from './owner.ts';
import { pipelineRoutes } from './pipelines.ts';
import { toErrorHeaders } from './private-route.ts';
import { toReference } from './reference.ts';
import { afterBody } from './refuse.ts';
import { toRequestId } from './request-id.ts';

const JSON_WANTED = 'Send JSON with the header Content-Type: application/json.';
const SENTENCE = 'management request failure';

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Postern management API',
    version: '1',
    description:
      'Import a model, switch its private prediction URL on and off. Send the account token as Authorization: Bearer.',
  },
  security: [{ account: [] }],
};

export function createManagement(deps: Deps): OpenAPIHono<OwnerEnv> {
  const app = new OpenAPIHono<OwnerEnv>({
    strict: false,
    defaultHook(result) {
      if (result.success) return;
      const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || result.target}: ${message}`);
      throw new AppError('invalid_input', `${issues.slice(0, LIMITS.ISSUES_LISTED).join('. ')}.`);
    },
  });
  app.use(async (c, next) => {
    const requestId = toRequestId(c.req.raw.headers);
    c.set('requestId', requestId);
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('X-Request-Id', requestId);
  });
  const onlyOwner = requireOwner(deps);
  app.use('/v1/*', async (c, next) => (/^\/v1\/accounts\/?$/.test(c.req.path) ? next() : onlyOwner(c, next)));
  const onlySmall = bodyLimit({
    maxSize: LIMITS.MANAGEMENT_BODY_BYTES,
    onError() {
      throw new AppError('body_too_large', `A JSON body may have ${LIMITS.MANAGEMENT_BODY_BYTES} bytes.`);
    },
  });
  app.use('/v1/*', async (c, next) => {
    const type = c.req.header('Content-Type') ?? '';
    if (type.startsWith('multipart/')) return next();
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && type !== '' && !/^application\/json\b/i.test(type)) {
      throw new AppError('unsupported_media_type', JSON_WANTED);
    }
    let isRead = false;
    try {
      return await onlySmall(c, async () => {
        // Kept by Hono for whoever parses it.
        await c.req.text();
        isRead = true;
        await next();
      });
    } catch (cause) {
      if (isRead || cause instanceof AppError) throw cause;
      throw new AppError('malformed_body', 'The body did not arrive whole.', { cause });
    }
  });

  app.openAPIRegistry.registerComponent('securitySchemes', 'account', {
    type: 'http',
    scheme: 'bearer',
    description: 'The account token.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'admin', {
    type: 'http',
    scheme: 'bearer',
    description: 'The ADMIN_TOKEN of the deployment.',
  });
  accountRoutes(app, deps);
  modelRoutes(app, deps);
  pipelineRoutes(app, deps);

  const getDocument = () => app.getOpenAPI31Document(DOCUMENT);
  app.get('/openapi.json', (c) => c.json(getDocument()));
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    return c.html(toReference(getDocument()));
  });
  app.notFound((c) => {
    const methods = app.routes.filter(({ path, method }) => method !== 'ALL' && matches(path, c.req.path));
    const allowed = [...new Set(methods.map(({ method }) => method))].join(', ');
    if (allowed !== '') {
      throw new AppError('method_not_allowed', `This address takes ${allowed}.`, { headers: { Allow: allowed } });
    }
    throw new AppError('not_found', 'There is nothing at this address. The management API is described at /docs.');
  });
  app.onError((error, c) => {
    const { requestId } = c.var;
    const known = toAppError(fromHono(error), requestId);
    for (const [name, value] of Object.entries(toErrorHeaders(known))) c.header(name, value);
    return afterBody(c.req.raw, c.json(toErrorBody(known, requestId, SENTENCE), known.status as 400));
  });
  return app;
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const parts = path.replace(/\/$/, '').split('/');
  return wanted.length === parts.length && wanted.every((part, i) => part.startsWith(':') || part === parts[i]);
}

/** Hono's own words on a body that is no JSON. */
function fromHono(error: Error): Error {
  if (!(error instanceof HTTPException)) return error;
  if (error.status === 415) return new AppError('unsupported_media_type', JSON_WANTED);
  if (error.status !== 400) return error;
  return new AppError('malformed_body', 'The body is not valid JSON.', { cause: error });
}
