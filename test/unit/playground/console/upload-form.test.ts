// What is dropped becomes a form: told apart, refused before it is sent, and read as far as the browser can.
import { describe, expect, it } from 'vitest';
import { parseHeader, readHeader } from '../../../../playground/src/console/new-model/csv-header.ts';
import { sortFiles, toModelName } from '../../../../playground/src/console/new-model/files.ts';
import { EMPTY_DRAFT, findManifestFault, toUploadForm } from '../../../../playground/src/console/new-model/form.ts';
import { toRefusal } from '../../../../playground/src/console/new-model/refusals.ts';
import { ApiFailure } from '../../../../playground/src/transport.ts';
import { IMPORT_REASONS } from '../../../../worker/onnx/refusal.ts';

const file = (name: string, size = 3): File => {
  const made = new File(['abc'.slice(0, Math.min(size, 3))], name);
  Object.defineProperty(made, 'size', { value: size });
  return made;
};

describe('dropped files', () => {
  it('are told apart by their ending, whatever its case', () => {
    const { taken, refused } = sortFiles([file('Churn.ONNX'), file('train.csv'), file('labels.txt')]);
    expect([taken.model?.name, taken.data?.name, taken.labels?.name]).toEqual([
      'Churn.ONNX',
      'train.csv',
      'labels.txt',
    ]);
    expect(refused).toEqual([]);
  });

  it('are refused with a reason: another kind, two of a kind, nothing inside', () => {
    const { taken, refused } = sortFiles([file('a.onnx'), file('b.onnx'), file('notes.pdf'), file('empty.csv', 0)]);
    expect(Object.keys(taken)).toEqual(['model']);
    expect(refused).toEqual([
      'b.onnx was left out: a.onnx came with it, and one is enough.',
      'notes.pdf is neither an .onnx file, nor a .csv, nor class names in a .txt.',
      'empty.csv is empty.',
    ]);
  });

  it('may have 25 MiB and not a byte more', () => {
    expect(sortFiles([file('a.onnx', 25 * 2 ** 20), file('b.csv', 25 * 2 ** 20)]).refused).toEqual([]);
    const { refused } = sortFiles([file('a.onnx', 25 * 2 ** 20 + 1), file('b.csv', 26 * 2 ** 20)]);
    expect(refused).toEqual([
      'a.onnx has 25 MiB; at most 25 MiB can be taken. Quantise its weights, or train it smaller.',
      'b.csv has 26 MiB; at most 25 MiB can be taken. A few thousand rows are enough.',
    ]);
  });

  it('name the model', () => {
    expect(toModelName(file('wine-quality.onnx'))).toBe('wine-quality');
    expect(toModelName(file(`${'x'.repeat(200)}.onnx`))).toHaveLength(100);
  });
});

describe('the header of a CSV', () => {
  it.each([
    ['a,b,c\n1,2,3\n', ['a', 'b', 'c']],
    ['a;b;c\r\n1;2;3\r\n', ['a', 'b', 'c']],
    ['a\tb\n1\t2\n', ['a', 'b']],
    ['\ufeff"first name","say ""x""",c\n1,2,3', ['first name', 'say "x"', 'c']],
    ['\n\n  a , b \n1,2', ['a', 'b']],
    ['a,a,,b\n1,2,3,4', ['a', 'b']],
    ['', []],
  ])('%j', (text, names) => {
    expect(parseHeader(text)).toEqual(names);
  });

  it('is read from the beginning of a large file, in the encoding it has', async () => {
    const long = `größe,färbung\n${'1,2\n'.repeat(200_000)}`;
    expect(await readHeader(new Blob([long]))).toEqual(['größe', 'färbung']);
    const latin = Uint8Array.from(Buffer.from('größe,färbung\n1,2\n', 'latin1'));
    expect(await readHeader(new Blob([latin]))).toEqual(['größe', 'färbung']);
    const utf16 = Uint8Array.from(Buffer.from('\ufeffgröße,b\n1,2\n', 'utf16le'));
    expect(await readHeader(new Blob([utf16]))).toEqual(['größe', 'b']);
  });
});

describe('the form', () => {
  const draft = { ...EMPTY_DRAFT, files: { model: file('m.onnx'), data: file('d.csv') } };

  it('carries what was said and nothing else', () => {
    const form = toUploadForm({ ...draft, name: ' Rent ', labels: ['next1', 'next2'] }, true);
    expect([...form.keys()]).toEqual(['model', 'data', 'label', 'label', 'name']);
    expect(form.get('name')).toBe('Rent');
    expect(form.getAll('label')).toEqual(['next1', 'next2']);
  });

  it('leaves the name to the model for a new version', () => {
    expect(toUploadForm({ ...draft, name: 'Rent' }, false).has('name')).toBe(false);
  });

  it('lets a file of class names go before typed ones, and a stated task before a chosen one', () => {
    const typed = {
      ...draft,
      classNames: 'a\nb',
      task: 'regression',
      manifest: '{"task": "forecasting", "batch": "single"}',
    };
    expect(toUploadForm(typed, true).get('labels')).toBe('a\nb');
    expect(JSON.parse(String(toUploadForm(typed, true).get('manifest')))).toEqual({
      task: 'forecasting',
      batch: 'single',
    });
    const both = { ...typed, files: { ...draft.files, labels: file('labels.txt') } };
    expect(toUploadForm(both, true).get('labels')).toBeInstanceOf(File);
  });

  it('knows a manifest that is none', () => {
    expect(findManifestFault('  ')).toBeNull();
    expect(findManifestFault('{"task": "regression"}')).toBeNull();
    expect(findManifestFault('[1]')).toMatch(/object/);
    expect(findManifestFault('{')).toMatch(/not JSON/);
  });
});

describe('a refusal', () => {
  const refused = (reason: string) =>
    new ApiFailure(422, { error: '', code: 'import_refused', message: 'give "label".', reason, request_id: '' });

  it('has its place in the form, for every reason there is', () => {
    for (const reason of IMPORT_REASONS) expect(toRefusal(refused(reason)).place, reason).not.toBe('form');
    expect(toRefusal(refused('label_required'))).toEqual({
      place: 'label',
      title: 'Which column is the label?',
      message: 'Give "label".',
    });
  });

  it('of another kind stands by the button, and says when to try again', () => {
    const busy = new ApiFailure(503, { error: '', code: 'model_unavailable', message: 'Too many.', request_id: '' }, 5);
    expect(toRefusal(busy)).toEqual({
      place: 'form',
      title: 'The upload did not arrive',
      message: 'Too many. Try again in 5 s.',
    });
    expect(toRefusal(new Error('x')).place).toBe('form');
  });
});
