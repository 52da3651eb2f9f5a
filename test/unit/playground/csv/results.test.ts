// What is made of answers: summary, histogram, preview, and the files to take home.
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { parseAnswers } from '../../../../playground/src/csv/answers.ts';
import { createDownloads } from '../../../../playground/src/csv/downloads.ts';
import { createHistogram } from '../../../../playground/src/csv/histogram.ts';
import { createJoin } from '../../../../playground/src/csv/join.ts';
import { appendPreview } from '../../../../playground/src/csv/preview.ts';
import { createRate } from '../../../../playground/src/csv/rate.ts';
import { createSummary } from '../../../../playground/src/csv/summary.ts';
import { chunkOf, errorOf, feature, schemaOf } from './support.ts';

const classifier = schemaOf({ task: 'classification', classes: ['yes', 'no, never'], probability: true, label: 'y' });
const CLASS_ANSWERS =
  'prediction,probability_yes,"probability_no, never"\nyes,0.75,0.25\n"no, never",0.1,0.9\nyes,0.5,0.5\n';

describe('answers', () => {
  it('are records, raw and in cells', () => {
    const { columns, lines, cells, error } = parseAnswers(CLASS_ANSWERS);
    expect(columns).toEqual(['prediction', 'probability_yes', 'probability_no, never']);
    expect(lines[1]).toBe('"no, never",0.1,0.9');
    expect(cells[1]).toEqual(['no, never', '0.1', '0.9']);
    expect(error).toBeNull();
  });

  it('end in an error only where it is one', () => {
    const json = JSON.stringify(errorOf('invalid_value')).replaceAll('"', '""');
    expect(parseAnswers(`prediction\n1\nerror,"${json}"\n`)).toMatchObject({
      lines: ['1'],
      error: { code: 'invalid_value' },
    });
    expect(parseAnswers('prediction\nok\nerror\n')).toMatchObject({ lines: ['ok', 'error'], error: null });
    expect(parseAnswers('prediction,probability_error\nerror,1\n')).toMatchObject({ lines: ['error,1'], error: null });
  });
});

describe('the summary', () => {
  it('counts classes and how sure the model was of them', () => {
    const summary = createSummary(classifier);
    summary.add(parseAnswers(CLASS_ANSWERS));
    summary.add(parseAnswers('prediction,probability_yes,"probability_no, never"\nyes,1,0\n'));
    expect(summary.toSummary()).toEqual({
      kind: 'classes',
      rows: 4,
      classes: [
        { name: 'yes', count: 3, certainty: 0.75 },
        { name: 'no, never', count: 1, certainty: 0.9 },
      ],
    });
  });

  it('knows the range and mean of each number, by its name', () => {
    const summary = createSummary(schemaOf({ task: 'forecasting', label: ['next1', 'next2'], unit: 'EUR' }));
    summary.add(parseAnswers('next1,next2\n1,10\n3,-20\n'));
    summary.add(parseAnswers('next1,next2\n8,1\n'));
    expect(summary.toSummary()).toMatchObject({
      isForecast: true,
      unit: 'EUR',
      rows: 3,
      columns: [
        { name: 'next1', min: 1, mean: 4, max: 8 },
        { name: 'next2', min: -20, mean: -3, max: 10 },
      ],
    });
  });
});

describe('the histogram', () => {
  it('holds every number in its bin, however the numbers outgrow the first ones', () => {
    const number = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: -50, max: 50 }),
      fc.constant(1e12),
    );
    fc.assert(
      fc.property(fc.array(fc.array(number, { minLength: 1 }), { minLength: 1, maxLength: 5 }), (batches) => {
        const histogram = createHistogram();
        for (const batch of batches) histogram.add(batch);
        const bins = histogram.toBins(24);
        const values = batches.flat();
        expect(bins.length).toBeLessThanOrEqual(24);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect(bins[0]?.count).toBeGreaterThan(0);
        expect(bins.at(-1)?.count).toBeGreaterThan(0);
        const [{ from, to } = { from: 0, to: 0 }] = bins;
        const slack = (to - from) * 1e-9;
        expect(bins.at(-1)?.to).toBeGreaterThanOrEqual(values.reduce((a, b) => Math.max(a, b)) - slack);
        expect(from).toBeLessThanOrEqual(values.reduce((a, b) => Math.min(a, b)) + slack);
      }),
    );
  });

  it('has limits that people can read, whole ones for whole numbers', () => {
    const histogram = createHistogram();
    histogram.add(Array.from({ length: 1000 }, (_, i) => 300 + (i * 1400) / 999));
    const bins = histogram.toBins(24);
    expect(bins[0]).toMatchObject({ from: 300, to: 400 });
    expect(bins.at(-1)?.to).toBe(1800);
    const whole = createHistogram();
    whole.add([0, 1, 1, 9]);
    expect(whole.toBins(24).map(({ count }) => count)).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('stands numbers that are all the same', () => {
    for (const value of [0, 7, -0.001]) {
      const histogram = createHistogram();
      histogram.add([value, value]);
      histogram.add([value]);
      expect(histogram.toBins(24).map(({ count }) => count)).toEqual([3]);
    }
  });
});

describe('the file with predictions', () => {
  it('is the file, with the answers beside each row', async () => {
    const schema = classifier;
    const chunk = await chunkOf('\uFEFFa,b,y\r\n1,2,"x\r\nz"\r\n3,4,\r\n5,6,no\r\n', schema);
    const join = createJoin(schema);
    const answers = parseAnswers(CLASS_ANSWERS);
    expect(join({ chunk, answers })).toBe(
      '\uFEFFa,b,y,prediction,probability_yes,"probability_no, never"\r\n1,2,"x\r\nz",yes,0.75,0.25\r\n3,4,,"no, never",0.1,0.9\r\n5,6,no,yes,0.5,0.5\r\n',
    );
    // The next chunk brings no second header.
    expect(join({ chunk, answers }).startsWith('1,2')).toBe(true);
  });

  it('keeps its delimiter, and its decimal commas where it has them', async () => {
    const texts = schemaOf({ ...classifier, classes: ['1.5', 'x;y'] });
    const answers = parseAnswers('prediction,probability_1.5,probability_x;y\n1.5,0.75,0.25\nx;y,0.1,0.9\n');
    const chunk = await chunkOf('a;b\n1,5;2\n3;4\n', texts);
    expect(createJoin(texts)({ chunk, answers })).toBe(
      'a;b;prediction;probability_1.5;"probability_x;y"\n1,5;2;1.5;0,75;0,25\n3;4;"x;y";0,1;0,9\n',
    );
    const points = await chunkOf('a;b\n1.5;2\n', schemaOf());
    expect(createJoin(schemaOf())({ chunk: points, answers: parseAnswers('prediction\n2.5\n') })).toBe(
      'a;b;prediction\n1.5;2;2.5\n',
    );
  });

  it('has no two columns of one name', async () => {
    const schema = schemaOf({ task: 'forecasting', label: ['n1', 'n2'] });
    const chunk = await chunkOf('a,b,n1,n2\n1,2,3,4\n', schema);
    expect(createJoin(schema)({ chunk, answers: parseAnswers('n1,n2\n5,6\n') })).toBe(
      'a,b,n1,n2,predicted_n1,predicted_n2\n1,2,3,4,5,6\n',
    );
  });

  it('is named after the file, and the answers are as they were answered', async () => {
    const chunk = await chunkOf('a,b\n1,2\n', schemaOf());
    const downloads = createDownloads(schemaOf(), 'rows of May.csv');
    downloads.add({ chunk, answers: parseAnswers('prediction\n1\n') });
    downloads.add({ chunk, answers: parseAnswers('prediction\n2\n') });
    expect(await downloads.answers.toBlob().text()).toBe('prediction\n1\n2\n');
    expect(await downloads.joined.toBlob().text()).toBe('a,b,prediction\n1,2,1\n1,2,2\n');
    expect(downloads.joined.name).toBe('rows of May with predictions.csv');
    expect(createDownloads(schemaOf(), 'data').joined.name).toBe('data with predictions.csv');
    expect(createDownloads(schemaOf(), 'x.tsv').joined.name).toBe('x with predictions.tsv');
  });
});

describe('the preview', () => {
  it('shows the first hundred rows with what was predicted', async () => {
    const schema = schemaOf({ ...classifier, features: [feature('a'), feature('t', { type: 'string' })] });
    const chunk = await chunkOf(`a,t,y\n${'1,"u, v",yes\n'.repeat(150)}`, schema);
    const answers = parseAnswers(
      `prediction,probability_yes,"probability_no, never"\n${'yes,0.75,0.25\n'.repeat(150)}`,
    );
    const preview = appendPreview(null, { chunk, answers }, schema);
    expect(preview.rows).toHaveLength(100);
    expect(preview.rows[99]).toEqual({
      row: 100,
      inputs: ['1', 'u, v', 'yes'],
      prediction: ['yes'],
      probability: 0.75,
    });
    expect(preview.columns).toEqual([
      { name: 'a', isNumeric: true, isLabel: false },
      { name: 't', isNumeric: false, isLabel: false },
      { name: 'y', isNumeric: false, isLabel: true },
    ]);
    expect(appendPreview(preview, { chunk, answers }, schema)).toBe(preview);
  });

  it('does not show hundreds of columns', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `f${i}`);
    const schema = schemaOf({ features: names.map((name) => feature(name)) });
    const chunk = await chunkOf(Papa.unparse([names, names.map(() => '1')]), schema);
    const preview = appendPreview(null, { chunk, answers: parseAnswers('prediction\n1\n') }, schema);
    expect(preview).toMatchObject({ hiddenColumns: 28 });
    expect(preview.rows[0]?.inputs).toHaveLength(12);
  });
});

describe('the rate', () => {
  it('is that of the last seconds', () => {
    const rate = createRate(0);
    expect(rate.get(10)).toBeNull();
    for (let second = 1; second <= 10; second++) rate.add(second * 1000, second * 100, second * 1000);
    expect(rate.get(10_000)).toEqual({ rows: 100, bytes: 1000 });
    for (let second = 11; second <= 20; second++) rate.add(second * 1000, 1000 + (second - 10) * 500, 0);
    expect(rate.get(20_000)?.rows).toBe(500);
    // Nothing comes any more.
    expect(rate.get(24_000)?.rows).toBe(250);
  });
});
