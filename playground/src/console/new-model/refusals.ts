// Where a refused upload is at fault, and what it is called.
import { ApiFailure } from '../../transport.ts';

export type Place = 'model' | 'data' | 'label' | 'classes' | 'task' | 'manifest' | 'form';

const REASONS: Record<string, readonly [Place, string]> = {
  not_onnx: ['model', 'This is not an ONNX file'],
  truncated: ['model', 'The file is cut off'],
  invalid_graph: ['model', 'The graph contradicts itself'],
  external_data: ['model', 'The weights are in another file'],
  unknown_operator: ['model', 'The model has an operator that cannot be served'],
  unsupported_opset: ['model', 'The model is written for another ONNX version'],
  unsupported_type: ['model', 'The model has values of a kind that cannot be served'],
  unsupported_input: ['model', 'The model takes something that cannot be served'],
  unsupported_output: ['model', 'The model answers something that cannot be served'],
  too_large: ['model', 'Too large to be served'],
  too_complex: ['model', 'Too complex to be served'],
  unbounded_loop: ['model', 'The model may run without an end'],
  load_failed: ['model', 'The model cannot be loaded'],
  run_failed: ['model', 'The test run failed'],
  model_output_invalid: ['model', 'The model answers no numbers'],
  csv_invalid: ['data', 'The CSV cannot be read'],
  columns_mismatch: ['data', 'The columns do not fit the model'],
  columns_required: ['data', 'Which columns does it take?'],
  label_required: ['label', 'Which column is the label?'],
  classes_required: ['classes', 'Which classes, and in which order?'],
  task_required: ['task', 'What does it predict?'],
  manifest_invalid: ['manifest', 'The manifest does not fit'],
};

export interface Refusal {
  readonly place: Place;
  readonly title: string;
  readonly message: string;
}

export function toRefusal(error: Error): Refusal {
  if (!(error instanceof ApiFailure)) {
    return { place: 'form', title: 'The upload did not arrive', message: 'The answer could not be read. Try again.' };
  }
  const { body, status, retryAfter } = error;
  const [place, title] = REASONS[body.code === 'import_refused' ? (body.reason ?? '') : ''] ?? [
    'form' as const,
    status === 0 || status >= 500 ? 'The upload did not arrive' : 'The upload was refused',
  ];
  const wait = retryAfter === null ? '' : ` Try again in ${retryAfter} s.`;
  return { place, title, message: `${capital(body.message)}${wait}` };
}

/** Reasons are told in half sentences. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
