// Answers as CSV (RFC 4180 quoting, LF): `prediction` and one `probability_<class>` per class, or one column per
// value of a model with several. An error is a last record: `error`, and its JSON body.
import type { Manifest } from '../pipeline/manifest.ts';
import type { Answer } from './answer.ts';
import type { AnswerEncoder } from './encoder.ts';

export function createCsvEncoder(manifest: Pick<Manifest, 'label' | 'classes' | 'output'>): AnswerEncoder {
  const activation = manifest.output.probability?.activation;
  const isProbable = activation !== undefined && activation !== 'scores';
  const probabilities = isProbable ? (manifest.classes ?? []).map((each) => `probability_${each}`) : [];
  const labels = Array.isArray(manifest.label) && manifest.label.length > 1 ? manifest.label : [];
  const known = new Map<unknown, string>(manifest.classes?.map((each) => [each, toCell(each)]));
  let isBegun = false;

  // How many values a row has is known from the first answer only.
  const open = (values: number): string => {
    if (isBegun) return '';
    isBegun = true;
    if (values <= 1) return toRecord(['prediction', ...probabilities]);
    return toRecord(
      labels.length === values ? labels : Array.from({ length: values }, (_, i) => `prediction_${i + 1}`),
    );
  };

  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    begin: () => '',
    rows(answers) {
      const [sample] = answers;
      if (sample === undefined) return '';
      let text = open(Array.isArray(sample.prediction) ? sample.prediction.length : 1);
      for (const { prediction, probability } of answers) {
        const cell = known.get(prediction) ?? toCell(prediction);
        text += probability === undefined ? `${cell}\n` : `${cell},${probability.join(',')}\n`;
      }
      return text;
    },
    fail: (body) => toRecord(['error', JSON.stringify(body)]),
    end: () => open(labels.length),
  };
}

function toCell(prediction: Answer['prediction']): string {
  return typeof prediction === 'string' ? quote(prediction) : String(prediction);
}

function toRecord(cells: readonly string[]): string {
  return `${cells.map(quote).join(',')}\n`;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
