// Graphs that would cost too much, each small in the file: refused before anything runs. And their harmless relatives.
import { describe, expect, it } from 'vitest';
import { importModel } from '../../../worker/onnx/import.ts';
import { buildModel, type GraphSpec, type ModelSpec, type NodeSpec, type Weight } from '../../support/onnx-builder.ts';

const INPUT = { name: 'x', dtype: 'float32', shape: [null, 4] } as const;
const OUTPUT = { name: 'y', dtype: 'float32', shape: [null, 4] } as const;
const int = (...values: number[]): Weight => ({ dtype: 'int64', dims: [values.length], values });
const scalar = (value: number): Weight => ({ dtype: 'int64', dims: [], values: [value] });

function build(
  nodes: readonly NodeSpec[],
  weights: Record<string, Weight> = {},
  more: Partial<ModelSpec> = {},
): Uint8Array {
  return buildModel({ inputs: [INPUT], outputs: [OUTPUT], nodes, weights, ...more });
}

const importAs = (model: Uint8Array) => importModel(model, { overrides: { task: 'regression' } });
const node = (op: string, inputs: string[], outputs: string[], attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs,
  attributes,
});

const counting: GraphSpec = {
  inputs: [
    { name: 'i', dtype: 'int64', shape: [] },
    { name: 'c', dtype: 'bool', shape: [] },
    { name: 'acc', dtype: 'float32', shape: [null, 4] },
  ],
  outputs: [
    { name: 'c2', dtype: 'bool', shape: [] },
    { name: 'acc2', dtype: 'float32', shape: [null, 4] },
  ],
  nodes: [node('Identity', ['c'], ['c2']), node('Neg', ['acc'], ['acc2'])],
};
const loop = (trip: string, body: GraphSpec = counting) =>
  node('Loop', [trip, 't', 'x'], ['y'], { body: { graph: body } });
const TRUE: Weight = { dtype: 'bool', dims: [], values: [1] };

describe('loops', () => {
  it('takes a short constant one', () => {
    expect(importAs(build([loop('n')], { n: scalar(10), t: TRUE })).manifest.task).toBe('regression');
  });
  it('refuses one without a count', () => {
    expect(() => importAs(build([loop('')], { t: TRUE }))).toThrow(/^unbounded_loop: /);
  });
  it('refuses a count that a request decides', () => {
    const nodes = [node('ReduceMax', ['x'], ['m'], { keepdims: 0 }), node('Cast', ['m'], ['n'], { to: 7 }), loop('n')];
    expect(() => importAs(build(nodes, { t: TRUE }))).toThrow(/^unbounded_loop: /);
  });
  it('takes a count that is the length of a row', () => {
    const nodes = [node('Shape', ['x'], ['s']), node('Gather', ['s', 'one'], ['n']), loop('n')];
    expect(importAs(build(nodes, { t: TRUE, one: scalar(1) })).report.operators).toContain('Loop');
  });
  it('multiplies nested ones', () => {
    const inner: GraphSpec = {
      ...counting,
      nodes: [
        node('Identity', ['c'], ['c2']),
        node('Loop', ['n', 't', 'acc'], ['acc2'], { body: { graph: counting } }),
      ],
    };
    expect(() => importAs(build([loop('n', inner)], { n: scalar(5000), t: TRUE }))).toThrow(/^too_complex: /);
  });
  it('refuses growth inside', () => {
    const doubling: GraphSpec = {
      ...counting,
      nodes: [node('Identity', ['c'], ['c2']), node('Concat', ['acc', 'acc'], ['acc2'], { axis: 0 })],
    };
    expect(() => importAs(build([loop('n', doubling)], { n: scalar(60), t: TRUE }))).toThrow(/^too_large: /);
  });
  it('counts a heavy body once per step', () => {
    const heavy: GraphSpec = {
      ...counting,
      nodes: [
        node('Identity', ['c'], ['c2']),
        node('MatMul', ['acc', 'w'], ['h']),
        node('MatMul', ['h', 'v'], ['acc2']),
      ],
    };
    const weights = {
      n: scalar(10_000),
      t: TRUE,
      w: { dims: [4, 100_000], values: new Array(400_000).fill(0) },
      v: { dims: [100_000, 4], values: new Array(400_000).fill(0) },
    };
    expect(() => importAs(build([loop('n', heavy)], weights))).toThrow(/^too_complex: /);
  });
});

describe('shapes', () => {
  const fill = (shape: string): NodeSpec[] => [
    node('ConstantOfShape', [shape], ['big']),
    node('ReduceSum', ['big'], ['s'], { keepdims: 0 }),
    node('Add', ['x', 's'], ['y']),
  ];
  it('refuses a constant that is too large, also through arithmetic', () => {
    expect(() => importAs(build(fill('n'), { n: int(100_000, 100_000) }))).toThrow(/^too_large: /);
    expect(() => importAs(build([node('Mul', ['a', 'a'], ['n']), ...fill('n')], { a: int(1_000_000) }))).toThrow(
      /^too_large: /,
    );
    expect(() => importAs(build([node('Pow', ['a', 'b'], ['n']), ...fill('n')], { a: int(10), b: int(12) }))).toThrow(
      /^too_large: /,
    );
  });
  it('refuses a shape that a request decides', () => {
    const nodes = [
      node('Cast', ['x'], ['i'], { to: 7 }),
      node('ReduceMax', ['i'], ['m'], { keepdims: 0 }),
      node('Unsqueeze', ['m', 'zero'], ['n']),
      ...fill('n'),
    ];
    expect(() => importAs(build(nodes, { zero: int(0) }))).toThrow(/^too_complex: .*values of a request/);
  });
  it('takes a shape made of the shape of a row', () => {
    const nodes = [node('Shape', ['x'], ['s']), node('ConstantOfShape', ['s'], ['z']), node('Add', ['x', 'z'], ['y'])];
    expect(importAs(build(nodes)).manifest.batch).toBe('dynamic');
  });
  it('refuses forty doublings in a row', () => {
    const nodes = Array.from({ length: 40 }, (_, i) =>
      node('Concat', [i === 0 ? 'x' : `t${i}`, i === 0 ? 'x' : `t${i}`], [`t${i + 1}`], { axis: 1 }),
    );
    expect(() => importAs(build([...nodes, node('ReduceSum', ['t40'], ['y'], { keepdims: 1 })]))).toThrow(
      /^too_large: /,
    );
  });
  it.each([
    ['Expand', ['x', 'n']],
    ['Tile', ['x', 'n']],
  ])('refuses %s to a huge size', (op, inputs) => {
    expect(() => importAs(build([node(op, inputs, ['y'])], { n: int(100_000, 100_000) }))).toThrow(/^too_large: /);
  });
  it('refuses attributes that ask for much', () => {
    const random = { op: 'RandomUniform', inputs: [], outputs: ['r'], attributes: { shape: [100_000, 100_000] } };
    expect(() =>
      importAs(build([random, node('ReduceSum', ['r'], ['s'], { keepdims: 0 }), node('Add', ['x', 's'], ['y'])])),
    ).toThrow(/^too_large: /);
  });
  it('runs rows one by one where a batch would be too large', () => {
    const nodes = [node('MatMul', ['x', 'w'], ['h']), node('ReduceSum', ['h', 'one'], ['y'], { keepdims: 1 })];
    const weights = { w: { dims: [4, 80_000], values: new Array(320_000).fill(0) }, one: int(1) };
    expect(importAs(build(nodes, weights)).manifest.batch).toBe('single');
  });
  it('refuses a chain of products that takes minutes', () => {
    const nodes = [
      node('Expand', ['one', 'n'], ['m']),
      ...Array.from({ length: 4 }, (_, i) => node('MatMul', [i === 0 ? 'm' : `p${i}`, 'm'], [`p${i + 1}`])),
      node('ReduceSum', ['p4'], ['s'], { keepdims: 0 }),
      node('Add', ['x', 's'], ['y']),
    ];
    expect(() => importAs(build(nodes, { n: int(2000, 2000), one: { dims: [1, 1], values: [1] } }))).toThrow(
      /^too_complex: .*multiplications/,
    );
  });
});

describe('size of the graph', () => {
  it('refuses a chain that the engine would load for minutes', () => {
    const nodes = Array.from({ length: 5000 }, (_, i) =>
      node('Neg', [i === 0 ? 'x' : `t${i}`], [i === 4999 ? 'y' : `t${i + 1}`]),
    );
    expect(() => importAs(build(nodes))).toThrow(/^too_complex: .*in a row/);
  });
  it('refuses functions that unfold without end', () => {
    const functions = Array.from({ length: 30 }, (_, i) => ({
      name: `f${i}`,
      domain: 'local',
      inputs: ['a'],
      outputs: ['b'],
      nodes:
        i === 0
          ? [node('Neg', ['a'], ['b'])]
          : [
              { op: `f${i - 1}`, domain: 'local', inputs: ['a'], outputs: ['m'] },
              { op: `f${i - 1}`, domain: 'local', inputs: ['m'], outputs: ['b'] },
            ],
    }));
    const model = build(
      [{ op: 'f29', domain: 'local', inputs: ['x'], outputs: ['y'] }],
      {},
      { functions, opsets: { '': 15, local: 1 } },
    );
    expect(() => importAs(model)).toThrow(/^too_complex: .*functions/);
  });
  it('refuses a function that calls itself', () => {
    const functions = [
      {
        name: 'f',
        domain: 'local',
        inputs: ['a'],
        outputs: ['b'],
        nodes: [{ op: 'f', domain: 'local', inputs: ['a'], outputs: ['b'] }],
      },
    ];
    const model = build(
      [{ op: 'f', domain: 'local', inputs: ['x'], outputs: ['y'] }],
      {},
      { functions, opsets: { '': 15, local: 1 } },
    );
    expect(() => importAs(model)).toThrow(/^too_complex: /);
  });
  it('sees a second graph field, which the engine merges', () => {
    const harmless = build([node('Neg', ['x'], ['y'])]);
    const bomb = buildModel({
      inputs: [],
      outputs: [],
      nodes: [node('ConstantOfShape', ['n'], ['big'])],
      weights: { n: int(100_000, 100_000) },
    });
    expect(() => importAs(new Uint8Array([...harmless, ...bomb]))).toThrow(/^too_large: /);
  });
});
