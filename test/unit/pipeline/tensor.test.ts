import { describe, expect, it } from 'vitest';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import type { Feature, Input, Manifest } from '../../../worker/pipeline/manifest.ts';
import type { Row } from '../../../worker/pipeline/row.ts';
import { createFeedPlan, toFeeds, toRowFeeds } from '../../../worker/pipeline/tensor.ts';

const manifest = (features: Feature[], inputs: Input[], batch: Manifest['batch'] = 'dynamic'): Manifest => ({
  manifest_version: 1,
  task: 'regression',
  features,
  inputs,
  output: { value: { tensors: ['y'] } },
  batch,
});
const number = (name: string, more: Partial<Feature> = {}): Feature => ({ name, type: 'number', ...more });
const fill = (m: Manifest, rows: Row[]) => {
  const issues = new IssueList();
  return { feeds: toFeeds(createFeedPlan(m), rows, 1, issues), issues };
};

describe('feeds', () => {
  it('puts all columns into one tensor, row by row', () => {
    const m = manifest(
      [number('a'), number('b')],
      [{ name: 'X', dtype: 'float32', shape: [null, 2], features: ['b', 'a'] }],
    );
    const { feeds } = fill(m, [
      ['1', '2'],
      [3, 4],
    ]);
    expect(feeds).toEqual([
      { name: 'X', tensor: { dtype: 'float32', dims: [2, 2], data: new Float32Array([2, 1, 4, 3]) } },
    ]);
  });

  it('fills one input per column, of any rank and type, beside a mixed one', () => {
    const m = manifest(
      [number('a'), { name: 's', type: 'string' }, { name: 'i', type: 'integer' }, { name: 'f', type: 'boolean' }],
      [
        { name: 'a:0', dtype: 'float64', shape: [null], features: ['a'] },
        { name: 's:0', dtype: 'string', shape: [null, 1], features: ['s'] },
        { name: 'mixed', dtype: 'int64', shape: [null, 2], features: ['i', 'f'] },
      ],
    );
    const { feeds, issues } = fill(m, [['1.5', 'x', '7', 'true']]);
    expect(issues.count).toBe(0);
    expect(feeds.map(({ tensor }) => [tensor.dims, tensor.data])).toEqual([
      [[1], new Float64Array([1.5])],
      [[1, 1], ['x']],
      [[1, 2], new BigInt64Array([7n, 1n])],
    ]);
  });

  it('takes windows as one vector feature or as columns, in the shape of the graph', () => {
    const vector = manifest(
      [number('Sales', { length: 3 })],
      [{ name: 'w', dtype: 'float32', shape: [null, 3, 1], features: ['Sales'] }],
    );
    for (const raw of [['1', '2', '3'], [1, 2, 3], '[1,2,3]']) {
      const { feeds, issues } = fill(vector, [[raw]]);
      expect(issues.count).toBe(0);
      expect(feeds[0]?.tensor).toEqual({ dtype: 'float32', dims: [1, 3, 1], data: new Float32Array([1, 2, 3]) });
    }
    const { issues } = fill(vector, [[['1', '2']], ['1'], [['1', '2', 'x']]]);
    expect(issues.listed.map(({ row, message }) => [row, message])).toEqual([
      [1, 'Sales takes 3 values, got 2.'],
      [2, 'Sales takes 3 values, got 1.'],
      [3, 'Sales: "x" is not a number.'],
    ]);
  });

  it('feeds what is missing as NaN, "" or the default, where the manifest allows it', () => {
    const m = manifest(
      [number('a', { optional: true }), number('b', { default: 9 }), { name: 's', type: 'string', optional: true }],
      [
        { name: 'X', dtype: 'float32', shape: [null, 2], features: ['a', 'b'] },
        { name: 's', dtype: 'string', shape: [null, 1], features: ['s'] },
      ],
    );
    for (const row of [
      [undefined, undefined, undefined],
      [null, null, null],
      ['', '', ''],
      ['NaN', '', ''],
    ] as Row[]) {
      const { feeds, issues } = fill(m, [row]);
      expect(issues.count).toBe(0);
      expect(feeds.map(({ tensor }) => tensor.data)).toEqual([new Float32Array([Number.NaN, 9]), ['']]);
    }
  });

  it('reports everything at once, with the row', () => {
    const m = manifest(
      [number('a'), { name: 'n', type: 'integer' }],
      [
        { name: 'a', dtype: 'float32', shape: [null, 1], features: ['a'] },
        { name: 'n', dtype: 'int32', shape: [null, 1], features: ['n'] },
      ],
    );
    const { issues } = fill(m, [
      [undefined, 'x'],
      ['1', '2'],
      ['NaN', null],
      [['1', '2'], ''],
    ]);
    expect(issues.listed.map(({ row, feature, code }) => [row, feature, code])).toEqual([
      [1, 'a', 'missing_features'],
      [3, 'a', 'invalid_value'],
      [4, 'a', 'invalid_value'],
      [1, 'n', 'invalid_value'],
      [3, 'n', 'missing_features'],
      [4, 'n', 'invalid_value'],
    ]);
    expect(() => issues.throwIfAny()).toThrow(/Missing features: a, n/);
  });

  it('cuts one row out for graphs that take one', () => {
    const single = manifest(
      [number('a'), number('b')],
      [{ name: 'X', dtype: 'float32', shape: [1, 2], features: ['a', 'b'] }],
      'single',
    );
    const { feeds } = fill(single, [
      [1, 2],
      [3, 4],
    ]);
    expect(toRowFeeds(createFeedPlan(single), feeds, 1)[0]?.tensor).toEqual({
      dtype: 'float32',
      dims: [1, 2],
      data: new Float32Array([3, 4]),
    });
    const none = manifest(
      [number('a'), number('b')],
      [{ name: 'X', dtype: 'float32', shape: [2], features: ['a', 'b'] }],
      'none',
    );
    expect(
      toRowFeeds(
        createFeedPlan(none),
        fill(none, [
          [1, 2],
          [3, 4],
        ]).feeds,
        1,
      )[0]?.tensor.dims,
    ).toEqual([2]);
  });

  it('refuses a manifest that contradicts itself', () => {
    expect(() =>
      createFeedPlan(manifest([number('a')], [{ name: 'X', dtype: 'float32', shape: [null, 2], features: ['a'] }])),
    ).toThrow(/cannot hold 1 value/);
    expect(() =>
      createFeedPlan(manifest([number('a')], [{ name: 'X', dtype: 'float32', shape: [null, 1], features: ['b'] }])),
    ).toThrow(/not described/);
  });
});
