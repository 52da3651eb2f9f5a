// Every hostile file of the corpus: refused with a reason, or imported; never a crash, never slow.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime } from '../../../worker/inference/runtime.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import { ImportRefusal } from '../../../worker/onnx/refusal.ts';
import { CORPUS_ROOT } from '../../support/corpus.ts';

const folder = join(CORPUS_ROOT, 'hostile');
const present = existsSync(folder);
const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));

/** null: it works. */
const MODELS: Record<string, string | null> = {
  empty: 'not_onnx',
  'random-bytes': 'not_onnx',
  'truncated-half': 'truncated',
  bitflips: 'invalid_graph',
  text: 'not_onnx',
  'csv-renamed': 'not_onnx',
  'pickle-renamed': 'not_onnx',
  'torch-pt-renamed': 'not_onnx',
  'tflite-renamed': 'not_onnx',
  'protobuf-tensor': 'not_onnx',
  'huge-length-field': 'not_onnx',
  'opset-99': 'unsupported_opset',
  'ir-version-99': 'unsupported_opset',
  'opset-negative': 'unsupported_opset',
  'unknown-domain-op': 'unknown_operator',
  cycle: 'invalid_graph',
  'duplicate-output': 'invalid_graph',
  'gemm-shape-mismatch': 'invalid_graph',
  'no-graph': 'invalid_graph',
  'no-inputs': 'unsupported_input',
  'initializer-too-short': 'invalid_graph',
  'initializer-dim-overflow': 'invalid_graph',
  'external-data': 'external_data',
  'external-path-absolute': 'external_data',
  'external-web-location': 'external_data',
  'loop-2pow62': 'unbounded_loop',
  'loop-doubling': 'too_large',
  'alloc-1e5x1e5-const': 'too_large',
  'alloc-3gb': 'too_large',
  'range-1e12': 'too_large',
  'huge-output': 'too_large',
  'sparse-bomb': 'too_large',
  'inputs-10000': 'too_complex',
  'long-input-name': 'too_complex',
  'if-nest-15': null,
  'if-nest-5000': 'too_complex',
  'functions-billion-laughs': 'too_complex',
  'nan-weights': 'model_output_invalid',
  'random-op': null,
  'proto-names': null,
  'markup-names': null,
  'empty-name-input': 'invalid_graph',
  'map-input-dictvectorizer': 'unsupported_input',
  'sequence-output': 'unsupported_output',
  'bfloat16-io': 'unsupported_type',
  'int8-uint16-input': null,
  'zero-dim-input': 'unsupported_input',
  'scalar-input': null,
};

/** Beside iris-rf with the label `species`; null: it works. */
const TABLES: Record<string, string | null> = {
  empty: 'csv_invalid',
  'header-only': null,
  'no-header': 'csv_invalid',
  'duplicate-columns': 'csv_invalid',
  'too-few-columns': 'columns_mismatch',
  ragged: 'csv_invalid',
  utf16: null,
  'nul-bytes': 'csv_invalid',
  'columns-5000': 'too_large',
  'proto-columns': null,
  'numbers-with-units': 'csv_invalid',
  'wrong-dataset': 'columns_mismatch',
};

describe.skipIf(!present)('hostile files', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createOrtRuntime();
  });

  const getReason = (model: Uint8Array, csv?: Uint8Array): string | null => {
    try {
      importModel(model, {
        csv,
        label: csv === undefined ? undefined : 'species',
        load: (bytes) => runtime.load(bytes),
      });
      return null;
    } catch (error) {
      if (!(error instanceof ImportRefusal)) throw error;
      expect(error.message.startsWith(`${error.reason}: `)).toBe(true);
      expect(error.message.length).toBeLessThan(900);
      return error.reason;
    }
  };

  it.each(Object.entries(MODELS))('%s.onnx: %s', { timeout: 5000 }, (name, reason) => {
    expect(getReason(read(`${name}.onnx`))).toBe(reason);
  });

  it.each(Object.entries(TABLES))('csv/%s.csv: %s', { timeout: 5000 }, (name, reason) => {
    const model = new Uint8Array(readFileSync(join(CORPUS_ROOT, 'cases/iris-rf/model.onnx')));
    expect(getReason(model, read(`csv/${name}.csv`))).toBe(reason);
  });

  it('knows every file there is', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
    expect(files.map((name) => name.slice(0, -5)).sort()).toEqual(Object.keys(MODELS).sort());
    expect(
      readdirSync(join(folder, 'csv'))
        .map((name) => name.slice(0, -4))
        .sort(),
    ).toEqual(Object.keys(TABLES).sort());
  });
});
