import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMultipart } from '../../../worker/decode/multipart.ts';
import { LIMITS } from '../../../worker/limits.ts';
import type { Row } from '../../../worker/pipeline/row.ts';
import { createByteStream } from '../../support/byte-stream.ts';
import { catchError, collect, createIssues, expectRest, toBody, toColumns } from './support.ts';

const columns = toColumns({ a: 'number', text: 'string', 'naïve "ž"': 'string' }, 'label');
const TYPE = 'multipart/form-data; boundary=XX-y';

/** Parts as a client without a library writes them: [headers after `form-data; `, content]. */
function toText(parts: readonly (readonly [string, string])[]): string {
  const body = parts.map(
    ([head, content]) => `--XX-y\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`,
  );
  return `${body.join('')}--XX-y--\r\n`;
}

async function decode(content: string | Uint8Array, sizes?: readonly number[], type = TYPE, issues = createIssues()) {
  const found = await decodeMultipart(toBody(content, sizes).body, type, columns, issues, { chunkRows: 2 });
  issues.throwIfAny();
  return found;
}

async function decodeRow(content: string | Uint8Array, sizes?: readonly number[], type?: string): Promise<Row> {
  const found = await decode(content, sizes, type);
  if ('chunks' in found) throw new Error('expected one row');
  return found.row;
}

async function decodeRows(content: string, sizes?: readonly number[]): Promise<Row[]> {
  const found = await decode(content, sizes);
  if ('row' in found) throw new Error('expected many rows');
  return collect(found.chunks);
}

async function toWire(form: FormData): Promise<[Uint8Array, string]> {
  const request = new Request('http://localhost/', { method: 'POST', body: form });
  return [new Uint8Array(await request.arrayBuffer()), request.headers.get('content-type') ?? ''];
}

describe('one row', () => {
  it('reads the fields of a platform form, names escaped or not in ASCII', async () => {
    const form = new FormData();
    form.append('naïve "ž"', 'é😀\r\n--x');
    form.append('a', '1');
    form.append('a', '2');
    form.append('text', '');
    form.append('label', 'ignored');
    const [bytes, type] = await toWire(form);
    for (const sizes of [[1], [7], [1 << 20]]) {
      expect(await decodeRow(bytes, sizes, type)).toEqual([['1', '2'], '', 'é😀\r\n--x']);
    }
  });

  it('merges the object of a JSON part of any name', async () => {
    const json = 'name="row"; filename="blob"\r\nContent-Type: application/json';
    expect(
      await decodeRow(
        toText([
          ['name="text"', 'x'],
          [json, '{"a":1.5}'],
        ]),
      ),
    ).toEqual([1.5, 'x', undefined]);
    const twice = await catchError(() =>
      decode(
        toText([
          ['name="a"', '1'],
          [json, '{"a":1.5}'],
        ]),
      ),
    );
    expect(twice).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('given twice') });
    expect((await catchError(() => decode(toText([[json, '[]']])))).message).toContain('Row 1 is an array');
    expect((await catchError(() => decode(toText([[json, '{']])))).message).toContain(
      'The JSON part "row" is not valid',
    );
  });

  it('takes a text file for a string, and no file for anything else', async () => {
    const file = (type: string) => `name="text"; filename="C:\\data.txt"\r\nContent-Type: ${type}`;
    expect(await decodeRow(toText([[file('text/plain; charset=UTF-8'), 'x\ny']]))).toEqual([
      undefined,
      'x\ny',
      undefined,
    ]);
    for (const head of [
      file('image/png'),
      'name="a"; filename="a"',
      'name="a"; filename=a\r\nContent-Type: text/plain',
    ]) {
      const error = await catchError(() => decode(toText([[head, '1']])));
      expect(error).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('takes no file') });
    }
  });

  it('reads what Python requests sends', async () => {
    const text =
      '--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n5.1\r\n' +
      '--b0\r\nContent-Disposition: form-data; name="text"; filename="t.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b0--\r\n';
    expect(await decodeRow(text, [3], 'multipart/form-data; boundary=b0')).toEqual(['5.1', 'hi', undefined]);
    const old = `--b0\r\nContent-Disposition: form-data; name*=utf-8''na%C3%AFve%20%22%C5%BE%22\r\n\r\n1\r\n--b0--`;
    expect(await decodeRow(old, [3], 'Multipart/Form-Data; Boundary="b0"')).toEqual([undefined, undefined, '1']);
  });

  it('accepts a preamble, blanks after a boundary, an epilogue, and no parts', async () => {
    const text = `hello\r\n${toText([['name="a"', '1']]).replace('--XX-y\r\n', '--XX-y \t\r\n')}bye\r\n--XX-y\r\n`;
    for (const sizes of [[1], [1 << 20]]) expect(await decodeRow(text, sizes)).toEqual(['1', undefined, undefined]);
    expect(await decodeRow('--XX-y--\r\n')).toEqual([undefined, undefined, undefined]);
  });

  it('reports unknown parts', async () => {
    const error = await catchError(() =>
      decode(
        toText([
          ['name="texts"', '1'],
          ['name="rows"; filename="r.csv"', 'a\n1'],
        ]),
      ),
    );
    expect(error).toMatchObject({
      code: 'unknown_feature',
      details: { issues: [{ suggestion: 'text' }, { message: expect.stringContaining('is named "data"') }] },
    });
  });
});

describe('a CSV part', () => {
  const csv = (content: string) => toText([['name="data"; filename="rows.csv"', content]]);

  it('is a stream of rows', async () => {
    for (const sizes of [[1], [11], [1 << 20]]) {
      expect(await decodeRows(csv('a,text\n1,x\n2,"--XX-y\ny"\n3,z\n'), sizes)).toEqual([
        ['1', 'x', undefined],
        ['2', '--XX-y\ny', undefined],
        ['3', 'z', undefined],
      ]);
    }
  });

  it('is not buffered', async () => {
    const encoder = new TextEncoder();
    const line = encoder.encode('1,x\n'.repeat(10_000));
    let sent = 0;
    const body = createByteStream(() => {
      sent += 1;
      return sent === 1 ? encoder.encode(csv('a,text\n').slice(0, -12)) : line;
    });
    const found = await decodeMultipart(body, TYPE, columns, createIssues(), { chunkRows: 1024 });
    if ('row' in found) throw new Error('expected many rows');
    expect((await found.chunks.next()).value).toHaveLength(1024);
    expect(sent).toBeLessThan(5);
    await found.chunks.return(undefined);
  });

  it('comes alone and whole', async () => {
    const rows = ['name="data"; filename="rows.csv"', 'a\n1\n'] as const;
    for (const parts of [
      [rows, ['name="a"', '1']],
      [['name="a"', '1'], rows],
    ] as const) {
      expect((await catchError(() => decodeRows(toText(parts)))).message).toContain('comes alone');
    }
    const cut = await catchError(() => decodeRows(csv('a\n1\n').slice(0, -14)));
    expect(cut).toMatchObject({
      code: 'malformed_body',
      message: expect.stringContaining('ends before its last boundary'),
    });
  });
});

describe('refusals', () => {
  const good = toText([['name="a"', '1']]);
  it.each([
    ['multipart/form-data', good, 'has no boundary'],
    ['multipart/form-data; boundary=other', good, 'does not occur'],
    [TYPE, '', 'does not occur'],
    [TYPE, good.slice(0, -4), 'ends before its last boundary'],
    [TYPE, good.slice(0, 30), 'ends before its last boundary'],
    [TYPE, good.slice(0, 60), 'ends before its last boundary'],
    [TYPE, good.replace('; name="a"', ''), 'part 1 has no name'],
    [TYPE, good.replace('Content-Disposition', 'Content Disposition'), 'headers of part 1 do not parse'],
    [TYPE, good.replace('--XX-y\r\n', '--XX-yz\r\n'), 'not followed by a line break'],
    [TYPE, toText([['name="a"\r\nContent-Transfer-Encoding: base64', 'MQ==']]), 'Content-Transfer-Encoding'],
    [TYPE, '--XX-y\r\n--XX-y--\r\n', 'part 1 has no content'],
  ])('%s %j: %s', async (type, text, reason) => {
    for (const sizes of [[1], [1 << 20]]) {
      const error = await catchError(() => decode(text, sizes, type));
      expect(error).toMatchObject({ code: 'malformed_body', message: expect.stringContaining(reason) });
    }
  });

  it('bounds parts and bytes, refuses other charsets and bytes that are not UTF-8', async () => {
    const many = toText(Array.from({ length: LIMITS.MULTIPART_PARTS + 1 }, () => ['name="a"', '1'] as const));
    expect(await catchError(() => decode(many))).toMatchObject({ code: 'body_too_large' });
    const most = toText(Array.from({ length: LIMITS.MULTIPART_PARTS }, () => ['name="a"', '1'] as const));
    expect((await decodeRow(most))[0]).toHaveLength(LIMITS.MULTIPART_PARTS);
    const large = toText([['name="text"', 'x'.repeat(LIMITS.MULTIPART_BODY_BYTES + 1)]]);
    expect(await catchError(() => decode(large))).toMatchObject({ code: 'body_too_large' });
    const latin = toText([['name="text"\r\nContent-Type: text/plain; charset=latin1', 'x']]);
    expect(await catchError(() => decode(latin))).toMatchObject({ code: 'unsupported_media_type' });
    const bytes = new TextEncoder()
      .encode(toText([['name="text"', '\u00ff\u00ff']]))
      .map((byte) => (byte === 0xc3 ? 0xff : byte));
    expect((await catchError(() => decode(bytes))).message).toContain('The part "text" is not UTF-8');
  });

  it('leaves the rest of the body', async () => {
    const bad = toBody(`--XX-yz${'x'.repeat(1000)}`, [10]);
    await catchError(() => decodeMultipart(bad.body, TYPE, columns, createIssues(), { chunkRows: 2 }));
    await expectRest(bad);
  });
});

it('gives the same row however the bytes are cut', async () => {
  const value = fc.string({
    unit: fc.constantFrom('\r', '\n', '-', 'X', 'y', 'é', '😀', '\r\n--XX', '--'),
    maxLength: 12,
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(value, value, sizes, async (a, text, cuts) => {
      fc.pre(!`${a}\r\n${text}`.includes('\r\n--XX-y'));
      const row = await decodeRow(
        toText([
          ['name="a"', a],
          ['name="text"\r\nContent-Type: text/plain', text],
        ]),
        cuts,
      );
      expect(row).toEqual([a, text, undefined]);
    }),
    { numRuns: 400 },
  );
});
