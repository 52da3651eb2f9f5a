import { describe } from 'vitest';
import { decodeCall } from '../../../worker/decode/call.ts';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import type { Row } from '../../../worker/pipeline/row.ts';
import {
  createFeedPlan,
  type FedRows,
  type NamedTensor,
  toFeeds,
  toRowFeeds,
} from '../../../worker/pipeline/tensor.ts';
import { FORMAT_MANIFEST, testFormats } from '../../contract/formats.ts';
import { toBody } from './support.ts';

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

function toFedRows(rows: readonly Row[], firstRow: number, issues: IssueList): FedRows {
  return { feeds: toFeeds(plan, rows, firstRow, issues), rows: rows.length };
}

describe('decoders and feed plan', () => {
  testFormats(async ({ method, search, contentType, body }) => {
    const issues = new IssueList();
    const call = { method, search, contentType, contentEncoding: null, body: body && toBody(body, [7, 1, 30]).body };
    const decoded = await decodeCall(call, plan, 4, issues);
    const chunks = 'rows' in decoded ? [decoded.rows] : 'fed' in decoded ? decoded.fed : decoded.chunks;
    const rows: NamedTensor[][] = [];
    for await (const chunk of chunks) {
      const fed = 'feeds' in chunk ? chunk : toFedRows(chunk, rows.length + 1, issues);
      for (let r = 0; r < fed.rows; r += 1) rows.push(toRowFeeds(plan, fed.feeds, r));
    }
    issues.throwIfAny();
    return rows;
  });
});
