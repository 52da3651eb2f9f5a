// Why a file cannot be imported: a reason a program can read, and a text that tells a data scientist what to do.
import { LIMITS } from '../limits.ts';

export const IMPORT_REASONS = [
  'not_onnx',
  'truncated',
  'invalid_graph',
  'external_data',
  'unknown_operator',
  'unsupported_opset',
  'unsupported_type',
  'unsupported_input',
  'unsupported_output',
  'too_large',
  'too_complex',
  'unbounded_loop',
  'load_failed',
  'run_failed',
  'model_output_invalid',
  'csv_invalid',
  'columns_mismatch',
  'columns_required',
  'label_required',
  'classes_required',
  'task_required',
  'manifest_invalid',
] as const;

export type ImportReason = (typeof IMPORT_REASONS)[number];

export class ImportRefusal extends Error {
  override readonly name = 'ImportRefusal';
  readonly reason: ImportReason;

  constructor(reason: ImportReason, text: string, cause?: unknown) {
    super(`${reason}: ${text}`, { cause });
    this.reason = reason;
  }
}

/** A name or value of an uploaded file inside a message: short, quoted, without control characters. */
export function echo(value: unknown): string {
  const text = JSON.stringify(String(value));
  return text.length <= LIMITS.ECHO_CHARACTERS ? text : `${text.slice(0, LIMITS.ECHO_CHARACTERS)}…"`;
}

/** A few names inside a message, and how many more there are. */
export function echoList(values: readonly unknown[], shown = 8): string {
  const head = values.slice(0, shown).map(echo).join(', ');
  return values.length > shown ? `${head} and ${values.length - shown} more` : head;
}
