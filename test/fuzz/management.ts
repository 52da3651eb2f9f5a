// Calls of the management API: every route, right and wrong tokens, bodies and forms of every shape.
import fc from 'fast-check';
import { LIMITS } from '../../worker/limits.ts';
import { tutorialUpload } from '../support/models.ts';
import { CELLS, usually } from './decoders.ts';
import type { Request } from './send.ts';

export interface Whom {
  readonly token: string;
  /** Of another account. */
  readonly stranger: string;
  readonly model: string;
  readonly foreignModel: string;
}

const KEYS = [
  ...[
    'name',
    'manifest',
    'version',
    'plan',
    'task',
    'label',
    'classes',
    'features',
    'inputs',
    'output',
    'batch',
    'unit',
    'type',
  ],
  ...[
    'length',
    'optional',
    'default',
    'encoding',
    'values',
    'closed',
    'range',
    'example',
    'preprocess',
    'size',
    'resize',
    'filter',
  ],
  ...[
    'color',
    'layout',
    'scale',
    'offset',
    'mean',
    'std',
    'tensor',
    'holds',
    'tensors',
    'form',
    'activation',
    '__proto__',
    'constructor',
    'toJSON',
  ],
];
const WORDS = [
  ...[
    'classification',
    'regression',
    'forecasting',
    'number',
    'integer',
    'boolean',
    'string',
    'image',
    'dynamic',
    'single',
    'none',
  ],
  ...[
    'species',
    'sepalLength',
    'sepalWidth',
    'petalLength',
    'petalWidth',
    'vector',
    'columns',
    'positive',
    'softmax',
    'sigmoid',
    'normalize',
    'scores',
  ],
  ...[
    'class',
    'index',
    'trial',
    'standard',
    'RGB',
    'NCHW',
    'Iris-setosa',
    '',
    '__proto__',
    'x'.repeat(5000),
    '\ud800',
    '\0',
    '🙂'.repeat(200),
  ],
];
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom(0, 1, -1, 2, 1.5, 1e9, 2 ** 53, 1e308, -0, true, false, null),
  fc.integer(),
  fc.double({ noNaN: true }),
  CELLS,
);
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5 }),
  ),
}));

/** A manifest that is nearly right: features by their names, and values of some type in each place. */
const feature = fc
  .dictionary(
    fc.constantFrom(
      'type',
      'length',
      'optional',
      'default',
      'encoding',
      'values',
      'closed',
      'range',
      'example',
      'unit',
      'preprocess',
    ),
    anything,
    { maxKeys: 3 },
  )
  .chain((rest) =>
    fc
      .constantFrom('sepalLength', 'sepalWidth', 'petalLength', 'petalWidth', 'nothing')
      .map((name) => ({ name, ...rest })),
  );
const FEATURE_TYPES = ['number', 'integer', 'boolean', 'string', 'image'];
const sane = fc.record(
  {
    name: fc.constantFrom('sepalLength', 'sepalWidth', 'petalLength', 'petalWidth'),
    type: fc.constantFrom(...FEATURE_TYPES),
    length: fc.constantFrom(1, 2, 4, 1000, 1e6, 1e9, 2 ** 31, 2 ** 53),
    optional: fc.boolean(),
    default: fc.constantFrom(0, 1.5, 'x', true, -1e300, '1e400', ''),
    closed: fc.boolean(),
    values: fc.constantFrom([1], ['x', 2], [true], []),
    encoding: fc.constantFrom(
      [[1, 2]],
      [['x', 'y']],
      [[true, 1.5]],
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ),
    range: fc.constantFrom({ min: 0, max: 1 }, { min: 1, max: 0 }),
  },
  { requiredKeys: ['name'] },
);
const manifest = fc.oneof(
  anything,
  fc.record(
    {
      task: fc.constantFrom<unknown>('classification', 'regression', 'forecasting', 'x'),
      label: fc.constantFrom<unknown>('species', 'sepalLength', '', ['species'], []),
      classes: fc.constantFrom<unknown>(
        ['a', 'b', 'c'],
        ['a', 'b'],
        ['a', 'a', 'a'],
        [1, 2, 3],
        ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica'],
      ),
      features: fc.array(
        fc.oneof<fc.MaybeWeightedArbitrary<unknown>[]>(
          { weight: 3, arbitrary: sane },
          { weight: 1, arbitrary: feature },
        ),
        { maxLength: 4 },
      ),
      batch: fc.constantFrom('dynamic', 'single', 'none'),
      unit: fc.constantFrom<unknown>('cm', '', 1),
      output: anything,
    },
    { requiredKeys: [] },
  ),
);

const text = (value: unknown): string => JSON.stringify(value) ?? '';
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const json = fc.oneof(
  { weight: 4, arbitrary: anything.map(text) },
  { weight: 4, arbitrary: manifest.map((given) => text({ manifest: given })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      'null',
      '[]',
      '{"name":"x","name":"y"}',
      '{"version":1e999}',
      '['.repeat(30_000),
      '\ufeff{}',
      `{"name":"${'x'.repeat(LIMITS.MANAGEMENT_BODY_BYTES)}"}`,
    ),
  },
);

const iris = tutorialUpload('fuzz');

interface Part {
  readonly name: string;
  readonly filename: string | null;
  readonly bytes: Uint8Array;
}

const part: fc.Arbitrary<Part> = fc.oneof(
  manifest.map((given) => ({ name: 'manifest', filename: null, bytes: utf8(text(given)) })),
  fc
    .constantFrom('species', 'sepalLength', 'nothing', '')
    .map((label) => ({ name: 'label', filename: null, bytes: utf8(label) })),
  fc
    .constantFrom('a\nb\nc', 'a\na\na', '\n', '1\n2\n3', 'x')
    .map((lines) => ({ name: 'labels', filename: 'labels.txt', bytes: utf8(lines) })),
  fc
    .constantFrom('data', 'model', 'name', 'other', '__proto__', '')
    .map((name) => ({ name, filename: null, bytes: utf8('x') })),
  fc.string({ maxLength: 300 }).map((csv) => ({ name: 'data', filename: 'x.csv', bytes: utf8(csv) })),
  fc.constantFrom(iris.csv ?? new Uint8Array(0)).map((bytes) => ({ name: 'data', filename: 'iris.csv', bytes })),
);

function toForm(parts: readonly Part[], end: string): Uint8Array {
  const chunks = parts.flatMap(({ name, filename, bytes }) => [
    utf8(
      `--b\r\nContent-Disposition: form-data; name="${name}"${filename === null ? '' : `; filename="${filename}"`}\r\n\r\n`,
    ),
    bytes,
    utf8('\r\n'),
  ]);
  return new Uint8Array(Buffer.concat([...chunks, utf8(end)]));
}

/** @param models what may be uploaded. */
function forms(models: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      models,
      fc.array(part, { maxLength: 3 }),
      usually(fc.constant('--b--\r\n'), fc.constantFrom('', '--b', '--c--'), 15),
    )
    .map(([model, parts, end]) => toForm([{ name: 'model', filename: 'm.onnx', bytes: model }, ...parts], end));
}

const ROUTES: readonly (readonly [string, string])[] = [
  ['GET', '/v1/account'],
  ['GET', '/v1/models'],
  ['GET', '/v1/models/:id'],
  ['PATCH', '/v1/models/:id'],
  ['PATCH', '/v1/models/:id'],
  ['PATCH', '/v1/models/:id'],
  ['GET', '/v1/models/:id/versions/:version'],
  ['GET', '/v1/models/:id/events'],
  ['POST', '/v1/models/:id/activate'],
  ['POST', '/v1/models/:id/deactivate'],
  ['POST', '/v1/models/:id/rotate'],
  ['DELETE', '/v1/models/:id'],
  ['POST', '/v1/accounts'],
  ['PUT', '/v1/models/:id'],
  ['GET', '/v1/none'],
];

export interface ManagementCall {
  readonly request: Request;
  /** Who calls: anything of another account that is answered then is a leak. */
  readonly as: 'owner' | 'stranger' | 'nobody';
}

export function createCalls(whom: Whom, models: fc.Arbitrary<Uint8Array>): fc.Arbitrary<ManagementCall> {
  const as = fc.constantFrom<ManagementCall['as']>('owner', 'owner', 'owner', 'stranger', 'nobody');
  const ids = fc.constantFrom(
    whom.model,
    whom.model,
    whom.model,
    'model_tutorial',
    whom.foreignModel,
    '__proto__',
    '%00',
    'x'.repeat(3000),
    "';--",
  );
  const query = usually(
    fc.constant(''),
    fc.constantFrom(
      '?limit=1',
      '?limit=1e9',
      '?limit=-1',
      '?cursor=x',
      '?cursor=%00',
      '?limit=1&limit=2',
      '?limit=&cursor=',
    ),
    3,
  );
  const versions = fc.constantFrom('1', '0', '-1', '1e9', '9007199254740993', 'x', '1.5', ' 1');
  const type = usually(
    fc.constant('application/json'),
    fc.constantFrom('text/plain', 'application/jsonx', 'multipart/form-data', ''),
    15,
  );
  const plain = fc
    .tuple(as, fc.constantFrom(...ROUTES), ids, versions, query, json, type)
    .map(([who, [method, route], id, version, search, body, mime]): ManagementCall => {
      // What is deleted answers nothing afterwards.
      const own = who === 'owner' ? whom.model : whom.foreignModel;
      const target = method === 'DELETE' && id === own ? 'model_gone' : id;
      const path = encodeURI(route.replace(':id', target).replace(':version', version)).replaceAll('%25', '%') + search;
      const hasBody = method !== 'GET';
      const headers = [...toHeaders(who, whom), ...(hasBody && mime !== '' ? [['Content-Type', mime] as const] : [])];
      return { as: who, request: { method, path, headers, body: hasBody ? utf8(body) : null } };
    });
  const uploads = fc
    .tuple(as, fc.constantFrom('/v1/models', '/v1/models/:id/versions'), ids, forms(models))
    .map(([who, route, id, body]): ManagementCall => {
      const headers = [...toHeaders(who, whom), ['Content-Type', 'multipart/form-data; boundary=b'] as const];
      return {
        as: who,
        request: { method: 'POST', path: encodeURI(route.replace(':id', id)).replaceAll('%25', '%'), headers, body },
      };
    });
  return fc.oneof({ weight: 12, arbitrary: plain }, { weight: 1, arbitrary: uploads });
}

function toHeaders(who: ManagementCall['as'], { token, stranger }: Whom): readonly (readonly [string, string])[] {
  if (who === 'nobody') return [['Authorization', 'Bearer postern_none']];
  return [['Authorization', `Bearer ${who === 'owner' ? token : stranger}`]];
}
