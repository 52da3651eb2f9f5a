// /docs: the OpenAPI document as one page, for people. No script, no request to anywhere.
import { html, raw } from 'hono/html';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly format?: string;
}
interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}
type Html = ReturnType<typeof html>;

/** @param document an OpenAPI 3.1 document, as app.getOpenAPI31Document makes it. */
export function toReference(document: object): Html {
  const { info, paths, components } = document as {
    info: { title: string; description?: string };
    paths?: Record<string, Record<string, Operation>>;
    components?: { schemas?: Record<string, Schema> };
  };
  const operations = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags ?? []))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<nav aria-label="Contents">
<strong>Postern</strong>
${tags.map(
  (tag) =>
    html`<p>${tag}</p><ul>${operations
      .filter(({ operation }) => operation.tags?.includes(tag))
      .map(
        ({ path, method }) =>
          html`<li><a href="#${toAnchor(method, path)}"><b class="${method}">${method}</b> ${shorten(path)}</a></li>`,
      )}</ul>`,
)}
<p>Schemas</p>
<ul>${Object.keys(components?.schemas ?? {}).map((name) => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul>
</nav>
<main>
<h1>${info.title}</h1>
<p class="lead">${info.description}</p>
<pre>curl -H 'Authorization: Bearer postern_…' …/v1/models</pre>
<p>As a document for tools: <a href="/openapi.json">openapi.json</a></p>
${operations.map((each) => toSection(each, components?.schemas ?? {}))}
<h2>Schemas</h2>
${Object.entries(components?.schemas ?? {}).map(
  ([name, schema]) =>
    html`<section id="schema-${name}"><h3>${name}</h3>${schema.description ? html`<p>${schema.description}</p>` : ''}${toFields(schema)}</section>`,
)}
</main>
</body>
</html>`;
}

interface Call {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function toSection({ path, method, operation }: Call, schemas: Readonly<Record<string, Schema>>): Html {
  const resolve = (schema: Schema | undefined) => schemas[schema?.$ref?.split('/').at(-1) ?? ''] ?? schema;
  const { summary, description, parameters = [], requestBody, responses = {} } = operation;
  const bodies = Object.entries(requestBody?.content ?? {});
  return html`<section id="${toAnchor(method, path)}">
<h3>${summary}</h3>
<p class="call"><b class="${method}">${method}</b> <code>${path}</code></p>
${description ? html`<p>${description}</p>` : ''}
${parameters.length > 0 ? html`<h4>Parameters</h4><table><tbody>${parameters.map((p) => html`<tr><td><code>${p.name}</code></td><td>${p.in}, ${toType(p.schema)}${p.required ? '' : ', optional'}</td><td>${p.schema?.description ?? ''}</td></tr>`)}</tbody></table>` : ''}
${bodies.map(([type, { schema }]) => html`<h4>Body <small>${type}</small></h4>${toFields(resolve(schema))}`)}
<h4>Answers</h4>
<table><tbody>${Object.entries(responses).map(
    ([status, { description: words, content }]) =>
      html`<tr><td><b class="s${status[0]}">${status}</b></td><td>${words}</td><td>${Object.values(content ?? {}).map(({ schema }) => toType(schema))}</td></tr>`,
  )}</tbody></table>
</section>`;
}

function toFields(schema: Schema | undefined): Html {
  return html`<table><tbody>${Object.entries(schema?.properties ?? {}).map(
    ([name, field]) =>
      html`<tr><td><code>${name}</code></td><td>${toType(field)}${schema?.required?.includes(name) ? '' : ', optional'}</td><td>${field.description ?? ''}</td></tr>`,
  )}</tbody></table>`;
}

function toType(schema: Schema | undefined): Html | string {
  if (schema?.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema?.enum !== undefined) return schema.enum.join(' | ');
  if (schema?.anyOf !== undefined)
    return html`${schema.anyOf.map((each, i) => html`${i === 0 ? '' : ' | '}${toType(each)}`)}`;
  if (schema?.type === 'array') return html`list of ${toType(schema.items)}`;
  if (schema?.format === 'binary') return 'file';
  return [schema?.type ?? 'any'].flat().join(' | ');
}

const toAnchor = (method: string, path: string): string => `${method}${path.replaceAll(/[^a-z]+/g, '-')}`;
const shorten = (path: string): string => path.replace('/v1', '');

const STYLE = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --paper: #fff; --tint: #f5f7f9; --accent: #0b6b58; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaef; --soft: #98a4b3; --line: #303a47; --paper: #151b23; --tint: #1d2530; --accent: #4fc3a8; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 19rem minmax(0, 54rem); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 2rem 1.25rem; background: var(--tint); border-right: 1px solid var(--line); font-size: 0.875rem; }
nav strong { font-size: 1.125rem; }
nav p { margin: 1.5rem 0 0.25rem; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.2rem 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
main { padding: 2rem 3rem 6rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.5rem; }
h2 { margin: 3.5rem 0 0; }
h3 { font-size: 1.2rem; margin: 0 0 0.5rem; }
h4 { margin: 1.25rem 0 0.25rem; font-size: 0.875rem; color: var(--soft); }
h4 small { font-weight: normal; }
.lead { font-size: 1.1rem; color: var(--soft); margin: 0 0 1rem; }
section { padding: 2rem 0; border-bottom: 1px solid var(--line); scroll-margin-top: 1rem; }
a { color: var(--accent); }
b { text-transform: uppercase; font: 600 0.75rem ui-monospace, monospace; display: inline-block; min-width: 3.6em; color: var(--soft); }
b.post { color: #0b6b58; } b.get { color: #2f5fb3; } b.delete { color: #b3372f; } b.patch { color: #8a6100; }
@media (prefers-color-scheme: dark) { b.post { color: #4fc3a8; } b.get { color: #8db4f5; } b.delete { color: #f09b94; } b.patch { color: #dcb45a; } }
code, pre { font: 0.875rem ui-monospace, monospace; }
.call { margin: 0 0 0.5rem; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
td { padding: 0.4rem 1rem 0.4rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { width: 11rem; } td:nth-child(2) { width: 16rem; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1.5rem 1.25rem 4rem; } td:first-child, td:nth-child(2) { width: auto; } }
`;
