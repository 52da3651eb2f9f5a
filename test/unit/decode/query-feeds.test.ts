import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeQuery } from '../../../worker/decode/query.ts';
import { createQueryFeeder } from '../../../worker/decode/query-feeds.ts';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import type { Manifest } from '../../../worker/pipeline/manifest.ts';
import { createFeedPlan, toFeeds } from '../../../worker/pipeline/tensor.ts';

const manifest: Manifest = {
  manifest_version: 1,
  task: 'regression',
  label: 'y',
  features: [
    { name: 'a', type: 'number' },
    { name: 'b', type: 'number', optional: true },
    { name: 'n', type: 'integer' },
    { name: 's', type: 'string', default: 'none' },
    { name: 'f', type: 'boolean' },
  ],
  inputs: [
    { name: 'X', dtype: 'float32', shape: [null, 2], features: ['b', 'a'] },
    { name: 'n', dtype: 'int64', shape: [null, 1], features: ['n'] },
    { name: 's', dtype: 'string', shape: [null], features: ['s'] },
    { name: 'f', dtype: 'bool', shape: [null, 1], features: ['f'] },
  ],
  output: { value: { tensors: ['y'] } },
  batch: 'dynamic',
};
const plan = createFeedPlan(manifest);
const feed = createQueryFeeder(plan);

/** The general way: the tensors, or null where there is an issue. */
function general(search: string) {
  const issues = new IssueList();
  const feeds = toFeeds(plan, [decodeQuery(search, plan.columns, issues)], 1, issues);
  return issues.count === 0 ? feeds : null;
}

describe('query feeder', () => {
  it('reads a plain query', () => {
    const search = 's=x&a=1.5&n=7&b=-2e3&f=true';
    expect(feed(search)).not.toBeNull();
    expect(feed(search)).toEqual(general(search));
  });

  it.each([
    '',
    'a=1',
    'a=1&b=2&n=3&s=x&f=1&f=1',
    'a=1&b=2&n=3&s=x&f=1&z=1',
    'a=1&b=2&n=3&s=%20&f=1',
    'a=x&b=2&n=3&s=x&f=1',
    'a=1&b=2&n=3&s=NaN&f=1',
  ])('leaves %j to the general way', (search) => expect(feed(search)).toBeNull());

  it('never reads a query otherwise than the general way', () => {
    const key = fc.constantFrom('a', 'b', 'n', 's', 'f', 'y', 'z', '');
    const value = fc.oneof(
      fc.constantFrom('1', '0', 'true', '1.5', '1e3', '-7', '', 'NaN', 'x', '1,5', '+1', '%31', ' 1', '=', '1=2'),
      fc.float().map(String),
      fc.bigInt().map(String),
    );
    const pair = fc.tuple(key, value).map(([k, v]) => `${k}=${v}`);
    const whole = fc
      .shuffledSubarray(['a', 'b', 'n', 's', 'f'], { minLength: 5 })
      .chain((names) =>
        fc.tuple(...names.map((name) => value.map((v) => `${name}=${v}`))).map((pairs) => pairs.join('&')),
      );
    fc.assert(
      fc.property(
        fc.oneof(
          whole,
          fc.array(pair, { maxLength: 7 }).map((pairs) => pairs.join('&')),
        ),
        (search) => {
          const fast = feed(search);
          if (fast !== null) expect(fast).toEqual(general(search));
        },
      ),
      { numRuns: 5000 },
    );
  });
});
