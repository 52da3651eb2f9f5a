// What the snippets are tried with: models of unusual features, texts that break out of quotes, and the same call without any snippet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SnippetRequest } from '../../playground/src/snippets/request.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { identityModels } from './identity-models.ts';

/** Each ends a text, begins an expression or an escape, or is not to be seen, in one of the languages. */
export const HOSTILE: readonly string[] = [
  ...[
    `it's`,
    `"quoted"`,
    '"""',
    "'''",
    '\\',
    '\\n',
    '\\u0041',
    '\\\\u00e9é',
    '`id`',
    '$HOME',
    `\${x}`,
    '#{1 + 1}',
    '%s %d',
  ],
  ...[
    '{{x}}',
    '<?php ?>',
    '*/ //',
    '-- #',
    '@name',
    '[0]',
    'a=b&c=d;e',
    ' lead',
    'trail ',
    '!history',
    '~',
    'NULL',
    'TRUE',
  ],
  ...[
    'new\nline',
    '\r\n',
    'tab\t',
    '\x1b[31m',
    '\x7f',
    '\x85',
    '\u00a0',
    '\u2028',
    '\u202e',
    '\ufeff',
    'é',
    '漢字',
    '👩‍🌾',
    'e\u0301',
  ],
];

/** The window of the museum as one feature. */
export const SERIES: Manifest = {
  manifest_version: 1,
  task: 'forecasting',
  features: [{ name: 'history', type: 'number', length: 12 }],
  inputs: [{ name: 'history', dtype: 'float32', shape: [null, 12], features: ['history'] }],
  output: { value: { tensors: ['forecast'] } },
  batch: 'dynamic',
};

/** A model that answers what it is fed: four pixels and the columns beside them. */
export function photoAndColumns(): [{ manifest: Manifest }, Uint8Array | undefined] {
  const size: [number, number] = [2, 2];
  const preprocess = {
    size,
    resize: 'stretch',
    filter: 'box',
    color: 'L',
    layout: 'NCHW',
    scale: 1,
    offset: 0,
  } as const;
  const features: Manifest['features'] = [
    { name: "the 'photo'", type: 'image', preprocess },
    { name: 'größe "cm" = $1', type: 'number' },
    { name: 'pair', type: 'number', length: 2 },
    { name: 'gone', type: 'number', default: 40 },
  ];
  const manifest: Manifest = {
    manifest_version: 1,
    task: 'regression',
    features,
    inputs: [{ name: 'x', dtype: 'float32', shape: [8], features: features.map(({ name }) => name) }],
    output: { value: { tensors: ['y'] } },
    batch: 'none',
  };
  return [{ manifest }, identityModels().find(({ dtype }) => dtype === 'float32')?.model];
}

/** What the pipeline says to the same values without any snippet. */
export async function ask(
  url: string,
  { row, image }: SnippetRequest,
  folder: string,
): Promise<{ status: number; body: unknown }> {
  const there = Object.entries(row).filter(([, value]) => value !== null);
  const pixels = image === null ? [] : [[image.feature, readFileSync(join(folder, image.file)).toString('base64')]];
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(Object.fromEntries([...there, ...pixels])),
  });
  return { status: response.status, body: await response.json() };
}
