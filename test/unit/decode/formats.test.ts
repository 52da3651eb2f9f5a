import { describe } from 'vitest';
import { decodeCall } from '../../../worker/decode/call.ts';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import type { Row } from '../../../worker/pipeline/row.ts';
import { createFeedPlan, toFeeds, toRowFeeds } from '../../../worker/pipeline/tensor.ts';
import { FORMAT_MANIFEST, testFormats } from '../../contract/formats.ts';
import { collect, toBody } from './support.ts';

const plan = createFeedPlan({
  ...FORMAT_MANIFEST,
  manifest_version: 1,
  task: 'regression',
  output: { value: { tensors: ['v'] } },
  batch: 'single',
  inputs: FORMAT_MANIFEST.features.map(({ name, type, length = 1 }) => ({
    name,
    dtype: type === 'string' ? 'string' : type === 'number' ? 'float32' : 'int64',
    shape: [null, length],
    features: [name],
  })),
});

describe('decoders and feed plan', () => {
  testFormats(async ({ method, search, contentType, body }) => {
    const issues = new IssueList();
    const call = { method, search, contentType, contentEncoding: null, body: body && toBody(body, [7, 1, 30]).body };
    const decoded = await decodeCall(call, plan.columns, 4, issues);
    const rows: Row[] = 'rows' in decoded ? decoded.rows : await collect(decoded.chunks);
    const feeds = toFeeds(plan, rows, 1, issues);
    issues.throwIfAny();
    return rows.map((_, index) => toRowFeeds(plan, feeds, index));
  });
});
