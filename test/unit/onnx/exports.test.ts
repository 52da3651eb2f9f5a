// What exporters write that the corpus does not hold, each as a small graph of the same layout.
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime } from '../../../worker/inference/runtime.ts';
import { type ImportOptions, type ImportResult, importModel } from '../../../worker/onnx/import.ts';
import type { RawValue } from '../../../worker/pipeline/row.ts';
import { answerRows, type GivenAnswer } from '../../support/answers.ts';
import { buildModel, ML, type ModelSpec, type NodeSpec } from '../../support/onnx-builder.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createOrtRuntime();
});

const csv = (...lines: string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
const X4 = { name: 'X', dtype: 'float32', shape: [null, 4] } as const;
const X2 = { name: 'X', dtype: 'float32', shape: [null, 2] } as const;
const FLOATS = (name: string, width: number) => ({ name, dtype: 'float32', shape: [null, width] }) as const;
const node = (op: string, inputs: string[], outputs: string[], attributes = {}, domain?: string): NodeSpec => ({
  op,
  inputs,
  outputs,
  attributes,
  ...(domain === undefined ? {} : { domain }),
});

/** Class 0 where a > b, class 1 elsewhere. */
const classifier = (outputs: [string, string], attributes: Record<string, unknown> = {}): NodeSpec =>
  node(
    'LinearClassifier',
    ['X'],
    outputs,
    {
      coefficients: { floats: [1, -1, -1, 1] },
      intercepts: { floats: [0, 0] },
      post_transform: 'SOFTMAX',
      ...attributes,
    },
    ML,
  );

function load(spec: ModelSpec, options: ImportOptions = {}): ImportResult {
  return importModel(buildModel(spec), { ...options, load: (bytes) => runtime.load(bytes) });
}

function answer({ manifest, model }: ImportResult, ...rows: Record<string, RawValue>[]): GivenAnswer[] {
  const session = runtime.load(model);
  try {
    return answerRows(manifest, session, rows);
  } finally {
    session.release();
  }
}

const AB = ['a,b,label', '3,1,no', '1,3,yes', '5,2,no', '2,5,yes', '9,1,no', '0,4,yes'];

describe('labels', () => {
  it('reads a ZipMap over a tensor of any name, as CatBoost writes it', () => {
    const result = load(
      {
        producer: 'CatBoost',
        opsets: { '': 8, [ML]: 2 },
        inputs: [{ name: 'features', dtype: 'float32', shape: [null, 2] }],
        outputs: [
          { name: 'label', dtype: 'string', shape: [null] },
          { name: 'probabilities', dtype: 'seq(map)' },
        ],
        nodes: [
          {
            ...classifier(['label', 'probability_tensor'], { classlabels_strings: ['no', 'yes'] }),
            inputs: ['features'],
          },
          node('ZipMap', ['probability_tensor'], ['probabilities'], { classlabels_strings: ['no', 'yes'] }, ML),
        ],
      },
      { csv: csv(...AB), label: 'label' },
    );
    expect(result.report.changes).toHaveLength(1);
    expect(result.manifest.output.probability?.tensors).toEqual(['probability_tensor']);
    expect(answer(result, { a: 4, b: 1 })[0]?.prediction).toBe('no');
    // What was cut once imports again.
    expect(importModel(result.model, { csv: csv(...AB), label: 'label' }).manifest.classes).toEqual(['no', 'yes']);
  });

  it.each([
    ['-1 and 1', ['a,b,y', '3,1,-1', '1,3,1', '5,2,-1', '2,5,1'], [-1, 1], -1],
    ['booleans as 0 and 1', ['a,b,y', '3,1,False', '1,3,True', '5,2,False', '2,5,True'], [0, 1], false],
  ])('answers labels of %s as the CSV has them', (_, lines, labels, expected) => {
    const result = load(
      {
        inputs: [X2],
        outputs: [{ name: 'label', dtype: 'int64', shape: [null] }, FLOATS('probabilities', 2)],
        nodes: [classifier(['label', 'probabilities'], { classlabels_ints: labels })],
      },
      { csv: csv(...lines), label: 'y' },
    );
    expect(answer(result, { a: 4, b: 1 })[0]?.prediction).toBe(expected);
    expect(result.report.test_run?.agreement).toMatchObject({ metric: 'accuracy', value: 1 });
  });

  it('answers a bool output as a boolean', () => {
    const result = load(
      {
        inputs: [X2],
        outputs: [{ name: 'label', dtype: 'bool', shape: [null] }, FLOATS('probabilities', 2)],
        nodes: [
          classifier(['l', 'probabilities'], { classlabels_ints: [0, 1] }),
          node('Cast', ['l'], ['label'], { to: 9 }),
        ],
      },
      { csv: csv('a,b,y', '3,1,False', '1,3,True', '5,2,False', '2,5,True'), label: 'y' },
    );
    expect(answer(result, { a: 4, b: 1 }, { a: 1, b: 4 }).map(({ prediction }) => prediction)).toEqual([false, true]);
  });

  it('answers an outlier detector, whose labels stand nowhere', () => {
    const result = load({
      producer: 'skl2onnx 1.16.0',
      inputs: [X2],
      outputs: [{ name: 'label', dtype: 'int64', shape: [null, 1] }, FLOATS('scores', 1)],
      nodes: [
        node('MatMul', ['X', 'w'], ['scores']),
        node('Sign', ['scores'], ['s']),
        node('Cast', ['s'], ['label'], { to: 7 }),
      ],
      weights: { w: { dims: [2, 1], values: [1, -1] } },
    });
    expect(result.manifest.task).toBe('classification');
    expect(answer(result, { feature_1: 1, feature_2: 3 })).toEqual([{ prediction: -1 }]);
  });

  it('reads class names from metadata', () => {
    const result = load({
      metadata: { names: "{0: 'cat', 1: 'dog'}" },
      inputs: [X2],
      outputs: [FLOATS('output', 2)],
      nodes: [node('Softmax', ['X'], ['output'], { axis: 1 })],
    });
    expect(result.manifest.classes).toEqual(['cat', 'dog']);
    expect(answer(result, { feature_1: 1, feature_2: 3 })[0]?.prediction).toBe('dog');
  });

  it('finds a sorted order that the labels contradict', () => {
    const spec: ModelSpec = {
      inputs: [X2],
      outputs: [FLOATS('logits', 2)],
      nodes: [node('MatMul', ['X', 'w'], ['logits'])],
      weights: { w: { dims: [2, 2], values: [0, 1, 1, 0] } },
    };
    const lines = [
      'a,b,label',
      ...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? `${i + 5},1,no` : `1,${i + 5},yes`)),
    ];
    expect(() => load(spec, { csv: csv(...lines), label: 'label' })).toThrow(/^classes_required: .*"yes", "no"/);
    const result = load(spec, { csv: csv(...lines), label: 'label', overrides: { classes: ['yes', 'no'] } });
    expect(result.report.test_run?.agreement?.value).toBe(1);
  });

  it('asks for classes that nothing names', () => {
    const spec: ModelSpec = {
      inputs: [X2],
      outputs: [FLOATS('logits', 3)],
      nodes: [node('MatMul', ['X', 'w'], ['logits'])],
      weights: { w: { dims: [2, 3], values: [1, 2, 3, 4, 5, 6] } },
    };
    expect(() => load(spec, { overrides: { task: 'classification' } })).toThrow(
      /^classes_required: the model answers 3 numbers per row/,
    );
    expect(() => load(spec)).toThrow(/^classes_required: /);
    const unnamed = { ...spec, outputs: [FLOATS('y', 3)], nodes: [node('MatMul', ['X', 'w'], ['y'])] };
    expect(() => load(unnamed)).toThrow(/^task_required: /);
    expect(() => load(spec, { csv: csv(...AB), label: 'label' })).toThrow(/^classes_required: .*"no", "yes"/);
  });

  it('answers several labels per row as numbers', () => {
    const result = load(
      {
        producer: 'skl2onnx 1.16.0',
        inputs: [X2],
        outputs: [{ name: 'label', dtype: 'int64', shape: [null, 2] }],
        nodes: [node('Cast', ['X'], ['label'], { to: 7 })],
      },
      { csv: csv('a,b,p,q', '1,0,1,0', '0,1,0,1', '1,1,1,1'), label: ['p', 'q'] },
    );
    expect(answer(result, { a: 1, b: 0 })).toEqual([{ prediction: [1, 0] }]);
  });
});

describe('outputs', () => {
  it('keeps a softmax of tf2onnx, with its names', () => {
    const result = load(
      {
        producer: 'tf2onnx 1.16.1',
        inputs: [{ name: 'dense_input:0', dtype: 'float32', shape: ['unk__6', 2] }],
        outputs: [{ name: 'Identity:0', dtype: 'float32', shape: ['unk__7', 2] }],
        nodes: [node('MatMul', ['dense_input:0', 'w'], ['h']), node('Softmax', ['h'], ['Identity:0'], { axis: 1 })],
        weights: { w: { dims: [2, 2], values: [1, -1, -1, 1] } },
      },
      { csv: csv(...AB), label: 'label' },
    );
    expect(result.manifest.output.probability).toEqual({ tensors: ['Identity:0'], form: 'vector', activation: 'none' });
    expect(result.report.test_run?.agreement?.value).toBe(1);
  });

  it('matches inputs of a serving signature, whatever their order', () => {
    const column = (name: string) => ({ name, dtype: 'float32', shape: [null, 1] }) as const;
    const result = load(
      {
        inputs: [column('serving_default_b:0'), column('serving_default_a:0')],
        outputs: [{ name: 'StatefulPartitionedCall:0', dtype: 'float32', shape: [null, 1] }],
        nodes: [
          node('Sub', ['serving_default_b:0', 'serving_default_a:0'], ['d']),
          node('Sigmoid', ['d'], ['StatefulPartitionedCall:0']),
        ],
      },
      { csv: csv(...AB), label: 'label' },
    );
    expect(result.manifest.output.probability).toMatchObject({ form: 'positive', activation: 'none' });
    expect(answer(result, { a: 9, b: 1 })[0]?.prediction).toBe('no');
  });

  it('joins outputs of one value each in the order of the labels', () => {
    const result = load(
      {
        inputs: [X2],
        outputs: [FLOATS('rent_output', 1), FLOATS('price_output', 1)],
        nodes: [
          node('Gather', ['X', 'i0'], ['rent_output'], { axis: 1 }),
          node('Gather', ['X', 'i1'], ['price_output'], { axis: 1 }),
        ],
        weights: { i0: { dtype: 'int64', dims: [1], values: [0] }, i1: { dtype: 'int64', dims: [1], values: [1] } },
      },
      { csv: csv('a,b,price,rent', '1.5,2,2,1.5', '3,4,4,3', '7,1,1,7'), label: ['price', 'rent'] },
    );
    expect(result.manifest.output.value?.tensors).toEqual(['price_output', 'rent_output']);
    expect(result.report.test_run?.agreement).toMatchObject({ metric: 'r2', value: 1 });
  });

  it('takes softmax of logits beside an argmax', () => {
    const result = load(
      {
        producer: 'pytorch 2.1',
        opsets: { '': 17 },
        inputs: [X2],
        outputs: [{ name: 'class_idx', dtype: 'int64', shape: [null] }, FLOATS('logits', 2)],
        nodes: [
          node('MatMul', ['X', 'w'], ['logits']),
          node('ArgMax', ['logits'], ['class_idx'], { axis: 1, keepdims: 0 }),
        ],
        weights: { w: { dims: [2, 2], values: [1, -1, -1, 1] } },
      },
      { csv: csv(...AB), label: 'label' },
    );
    expect(result.manifest.output).toEqual({
      label: { tensor: 'class_idx', holds: 'index' },
      probability: { tensors: ['logits'], form: 'vector', activation: 'softmax' },
    });
    expect(answer(result, { a: 1, b: 4 })[0]?.prediction).toBe('yes');
  });

  it('keeps a regression on a label of two values a regression', () => {
    const spec: ModelSpec = {
      producer: 'skl2onnx 1.16.0',
      inputs: [X2],
      outputs: [FLOATS('variable', 1)],
      nodes: [
        node(
          'LinearRegressor',
          ['X'],
          ['variable'],
          { coefficients: { floats: [1, 0] }, intercepts: { floats: [0] } },
          ML,
        ),
      ],
    };
    expect(load(spec, { csv: csv('a,b,y', '0,5,0', '1,6,1', '0,7,0'), label: 'y' }).manifest.task).toBe('regression');
  });

  it('tells a warning where the columns are in another order', () => {
    const spec: ModelSpec = {
      producer: 'skl2onnx',
      inputs: [X2],
      outputs: [FLOATS('variable', 1)],
      nodes: [
        node(
          'LinearRegressor',
          ['X'],
          ['variable'],
          { coefficients: { floats: [1, 0] }, intercepts: { floats: [0] } },
          ML,
        ),
      ],
    };
    const lines = ['b,a,y', ...Array.from({ length: 20 }, (_, i) => `${(i * 7919) % 100},${i},${i}`)];
    expect(load(spec, { csv: csv(...lines), label: 'y' }).report.test_run?.agreement?.warning).toMatch(/another order/);
    const mapped = load(spec, {
      csv: csv(...lines),
      label: 'y',
      overrides: { inputs: [{ name: 'X', features: ['a', 'b'] }] },
    });
    expect(mapped.report.test_run?.agreement?.value).toBe(1);
  });
});

describe('columns', () => {
  const sum = (name = 'X'): ModelSpec => ({
    producer: 'skl2onnx',
    inputs: [{ ...X2, name }],
    outputs: [FLOATS('variable', 1)],
    nodes: [
      node(
        'LinearRegressor',
        [name],
        ['variable'],
        { coefficients: { floats: [1, 10] }, intercepts: { floats: [0] } },
        ML,
      ),
    ],
  });

  it.each([
    ['an index without a name', [',a,b,y', '0,1,2,21', '1,3,4,43', '2,5,5,55']],
    ['an index that pandas named', ['Unnamed: 0,a,b,y', '0,1,2,21', '1,3,4,43', '2,5,5,55']],
    ['a key that is text', ['uid,a,b,y', 'k1,1,2,21', 'k2,3,4,43', 'k3,5,5,55']],
    ['a customer id', ['a,customer_id,b,y', '1,1001,2,21', '3,1002,4,43', '5,1003,5,55']],
    ['a label in the middle', ['a,y,b', '1,21,2', '3,43,4', '5,55,5']],
  ])('leaves out %s', (_, lines) => {
    const result = load(sum(), { csv: csv(...lines), label: 'y' });
    expect(result.manifest.features.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(result.report.test_run?.agreement?.value).toBe(1);
  });

  it('tells columns apart whose names become the same', () => {
    const names = ['net_pay', 'net_pay1', 'net_pay2'];
    const result = load(
      {
        producer: 'skl2onnx',
        inputs: names.map((name) => FLOATS(name, 1)),
        outputs: [FLOATS('variable', 3)],
        nodes: [node('Concat', names, ['variable'], { axis: 1 })],
      },
      { csv: csv('net pay,y,net-pay,net_pay', '1,0,2,3', '4,1,5,6'), label: 'y', overrides: { task: 'regression' } },
    );
    expect(result.manifest.inputs.map(({ features }) => features[0])).toEqual(['net pay', 'net-pay', 'net_pay']);
  });

  it('takes uint8, bool and text inputs', () => {
    const result = load(
      {
        inputs: [
          { name: 'n', dtype: 'uint8', shape: [null, 1] },
          { name: 'flag', dtype: 'bool', shape: [null, 1] },
          { name: 'word', dtype: 'string', shape: [null, 1] },
        ],
        outputs: [FLOATS('variable', 1)],
        nodes: [
          node('Cast', ['n'], ['nf'], { to: 1 }),
          node('Cast', ['flag'], ['ff'], { to: 1 }),
          node('OneHotEncoder', ['word'], ['hot'], { cats_strings: ['x', 'y'], zeros: 1 }, ML),
          node('ReduceSum', ['hot', 'axis'], ['h'], { keepdims: 0 }),
          node('Sum', ['nf', 'ff', 'h'], ['variable']),
        ],
        weights: { axis: { dtype: 'int64', dims: [1], values: [2] } },
      },
      { csv: csv('word,n,flag,target', 'x,3,true,5', 'z,4,false,4', ',5,true,6'), label: 'target' },
    );
    expect(result.manifest.features).toMatchObject([
      { name: 'word', type: 'string', optional: true, values: ['x', 'z'] },
      { name: 'n', type: 'integer', range: { min: 3, max: 5 } },
      { name: 'flag', type: 'boolean' },
    ]);
    expect(answer(result, { word: null, n: 5, flag: true })).toEqual([{ prediction: 6 }]);
  });

  it('spells booleans as the graph does', () => {
    const result = load(
      {
        inputs: [{ name: 'active', dtype: 'string', shape: [null, 1] }],
        outputs: [FLOATS('variable', 2)],
        nodes: [
          node('OneHotEncoder', ['active'], ['hot'], { cats_strings: ['False', 'True'], zeros: 1 }, ML),
          node('Reshape', ['hot', 'shape'], ['variable']),
        ],
        weights: { shape: { dtype: 'int64', dims: [2], values: [-1, 2] } },
      },
      { csv: csv('active,y', 'true,1', 'false,0', 'true,1'), label: 'y', overrides: { task: 'regression' } },
    );
    expect(answer(result, { active: true })).toEqual([{ prediction: [0, 1] }]);
  });

  it('asks how text was coded, and takes the answer', () => {
    const lines = ['sex,b,y', 'male,2,21', 'female,4,40', 'male,5,51'];
    expect(() => load(sum(), { csv: csv(...lines), label: 'y' })).toThrow(/^columns_required: .*"encoding"/);
    const encoding: [string, number][] = [
      ['female', 0],
      ['male', 1],
    ];
    const result = load(sum(), {
      csv: csv(...lines),
      label: 'y',
      overrides: { features: [{ name: 'sex', encoding }] },
    });
    expect(answer(result, { sex: 'male', b: 2 })).toEqual([{ prediction: 21 }]);
    expect(result.report.test_run?.agreement?.value).toBe(1);
  });

  it('names features by the owner, the metadata or a number where there is no CSV', () => {
    const names = (result: ImportResult) => result.manifest.features.map(({ name }) => name);
    expect(names(load(sum()))).toEqual(['feature_1', 'feature_2']);
    expect(names(load({ ...sum(), metadata: { feature_names: '["len", "wid"]' } }))).toEqual(['len', 'wid']);
    expect(names(load(sum(), { overrides: { features: [{ name: 'p' }, { name: 'q' }] } }))).toEqual(['p', 'q']);
  });

  it('guesses the label only where nothing else can be it', () => {
    expect(load(sum(), { csv: csv('a,b,target', '1,2,21', '3,4,43') }).manifest.label).toBe('target');
    expect(() => load(sum(), { csv: csv('a,b,c', '1,2,21', '3,4,43') })).toThrow(/^label_required: /);
    expect(load(sum(), { csv: csv('a,b', '1,2', '3,4') }).manifest.label).toBeUndefined();
  });

  it('fills a tensor of codes and one of numbers in the order of the CSV', () => {
    const result = load(
      {
        inputs: [
          { name: 'codes', dtype: 'int64', shape: [null, 2] },
          { name: 'numbers', dtype: 'float32', shape: [null, 2] },
        ],
        outputs: [FLOATS('variable', 4)],
        nodes: [node('Cast', ['codes'], ['c'], { to: 1 }), node('Concat', ['c', 'numbers'], ['variable'], { axis: 1 })],
      },
      { csv: csv('p,q,r,s,y', '1,2,3,4.5,0', '2,3,4,5.5,1'), label: 'y', overrides: { task: 'regression' } },
    );
    expect(result.manifest.inputs.map(({ features }) => features)).toEqual([
      ['p', 'q'],
      ['r', 's'],
    ]);
  });

  it('takes a window of three dimensions the other way round', () => {
    const result = load(
      {
        inputs: [{ name: 'seq', dtype: 'float32', shape: [null, 1, 3] }],
        outputs: [FLOATS('forecast', 1)],
        nodes: [node('ReduceMean', ['seq'], ['forecast'], { axes: [2], keepdims: 0 })],
      },
      {
        csv: csv('date,sales', ...Array.from({ length: 12 }, (_, i) => `2024-01-${i + 1},${10 + (i % 3)}`)),
        label: 'sales',
      },
    );
    expect(result.manifest).toMatchObject({
      task: 'forecasting',
      features: [{ name: 'sales', length: 3 }],
      inputs: [{ shape: [null, 1, 3] }],
    });
    expect(answer(result, { sales: [1, 2, 3] })).toEqual([{ prediction: 2 }]);
  });
});

describe('tables', () => {
  const sum: ModelSpec = {
    producer: 'skl2onnx',
    inputs: [X2],
    outputs: [FLOATS('variable', 1)],
    nodes: [
      node(
        'LinearRegressor',
        ['X'],
        ['variable'],
        { coefficients: { floats: [1, 10] }, intercepts: { floats: [0] } },
        ML,
      ),
    ],
  };
  it.each([
    ['tabs', 'a\tb\ty\n1.5\t2\t21.5\n3\t4\t43\n'],
    ['decimal commas in quotes', '"a";"b";"y"\r\n"1,5";"2";"21,5"\r\n"3";"4";"43"\r\n'],
    ['thousands and decimal commas', 'a;b;y\n1.001,5;2;1.021,5\n3,0;4;43,0\n'],
    ['question marks and NA for missing', 'a,b,y\n1.5,2,21.5\n?,3,1\nNA,4,1\n3,4,43\n'],
    ['a trailing separator', 'a,b,y,\n1.5,2,21.5,\n3,4,43,\n'],
    ['empty lines and spaces', 'a,b,y\n\n 1.5, 2, 21.5\n\n3,4,43\n\n'],
    ['a text column with separators', 'note,a,b,y\n"one; two, three",1.5,2,21.5\n"four",3,4,43\n'],
  ])('reads %s', (_, text) => {
    const result = load(sum, { csv: new TextEncoder().encode(text), label: 'y' });
    expect(result.manifest.features.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(result.manifest.features[1]).toMatchObject({ range: { min: 2, max: 4 } });
  });
  it('reads Windows-1252 and says so', () => {
    const bytes = Uint8Array.from('gr\xf6\xdfe,b,y\n1.5,2,21.5\n3,4,43\n', (c) => c.charCodeAt(0));
    const { manifest, report } = load(sum, { csv: bytes, label: 'y' });
    expect(manifest.features[0]?.name).toBe('größe');
    expect(report.notes.join()).toMatch(/Windows-1252/);
  });
  it('names the line of a broken row, also after a text with line breaks', () => {
    expect(() => load(sum, { csv: csv('t,a,b,y', '"x', 'y",1,2,3', 'z,1,2'), label: 'y' })).toThrow(
      /^csv_invalid: line 4 /,
    );
  });
  it('takes the numbers that pandas gives columns without names', () => {
    expect(
      load(sum, { csv: csv('0,1,2', '1,2,21', '3,4,43'), label: '2' }).manifest.features.map(({ name }) => name),
    ).toEqual(['0', '1']);
  });
});

describe('overrides', () => {
  const spec: ModelSpec = { inputs: [X4], outputs: [FLOATS('y', 4)], nodes: [node('Neg', ['X'], ['y'])] };
  it('refuses keys it does not know', () => {
    const misspelt = JSON.parse('{"features": [{"name": "a", "typ": "number"}]}');
    const wrong = { clases: ['a', 'b'] } as ImportOptions['overrides'];
    expect(() => load(spec, { overrides: wrong })).toThrow(/^manifest_invalid: .*"clases".*Known are.*classes/);
    expect(() => load(spec, { overrides: misspelt })).toThrow(/^manifest_invalid: .*"typ"/);
  });
  it('refuses a feature that the model does not take', () => {
    const table = csv('a,b,c,d', '1,2,3,4');
    expect(() => load(spec, { csv: table, overrides: { features: [{ name: 'e', unit: 'm' }] } })).toThrow(
      /^manifest_invalid: .*"e"/,
    );
  });
  it('wins with what it states', () => {
    const { manifest } = load(spec, {
      csv: csv('a,b,c,d', '1,2,3,4'),
      overrides: { task: 'forecasting', batch: 'single', features: [{ name: 'a', unit: 'm', default: 5 }] },
    });
    expect(manifest).toMatchObject({
      task: 'forecasting',
      batch: 'single',
      features: [{ name: 'a', unit: 'm', default: 5 }, {}, {}, {}],
    });
  });
  it('works without an engine, and says so', () => {
    const { report } = importModel(buildModel(spec), { csv: csv('a,b,c,d', '1,2,3,4') });
    expect(report.test_run).toBeNull();
    expect(report.notes.at(-1)).toMatch(/not test-run/);
  });
});
