// An uploaded form becomes a version to be: its parts are read, the model is imported in an engine of its own, and a
// refusal says what to do. Knows no Hono and no storage.
import { AppError } from './errors.ts';
import type { Runtime } from './inference/runtime.ts';
import { LIMITS } from './limits.ts';
import { importModel } from './onnx/import.ts';
import type { ManifestOverrides } from './onnx/overrides.ts';
import { ImportRefusal } from './onnx/refusal.ts';
import type { NewVersion } from './registry/account-api.ts';

export interface Upload {
  /** The name given, or that of the file without its ending. */
  readonly name: string;
  readonly version: NewVersion;
}

/** A form's text, its boundaries and headers, besides the two files. */
const FORM_BYTES = LIMITS.MODEL_BYTES + LIMITS.TRAINING_CSV_BYTES + LIMITS.FORM_BODY_BYTES;
const FIELDS = ['model', 'data', 'label', 'name', 'manifest'];

/**
 * @param startEngine a new engine: what an import leaves behind (a crash, grown memory) goes with it, and never
 *   touches the models that are being served.
 * @throws AppError import_refused, and for a form that cannot be read.
 */
export async function importUpload(request: Request, startEngine: () => Promise<Runtime>): Promise<Upload> {
  const form = await readForm(request);
  const model = getFile(form, 'model');
  if (model === null) throw new AppError('invalid_input', 'The part "model" is missing: the .onnx file.');
  checkSize('model', model, LIMITS.MODEL_BYTES);
  const data = getFile(form, 'data');
  if (data !== null) checkSize('data', data, LIMITS.TRAINING_CSV_BYTES);
  const label = form
    .getAll('label')
    .map((value) => toText('label', value))
    .filter((value) => value !== '');
  const name = form.get('name');
  const given = name === null ? '' : toText('name', name).trim();
  const manifest = form.get('manifest');
  const options = {
    csv: data === null ? undefined : new Uint8Array(await data.arrayBuffer()),
    label: label.length === 0 ? undefined : label.length === 1 ? label[0] : label,
    overrides: manifest === null ? undefined : parseManifest(toText('manifest', manifest)),
  };
  const bytes = new Uint8Array(await model.arrayBuffer());
  const engine = await startEngine();
  try {
    const imported = importModel(bytes, { ...options, load: (onnx) => engine.load(onnx) });
    return { name: given || toName(model.name), version: imported };
  } catch (error) {
    throw toImportError(error);
  }
}

export function toImportError(error: unknown): unknown {
  if (!(error instanceof ImportRefusal)) return error;
  return new AppError('import_refused', error.message.slice(error.reason.length + 2), {
    reason: error.reason,
    cause: error,
  });
}

async function readForm(request: Request): Promise<FormData> {
  const type = request.headers.get('Content-Type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AppError(
      'unsupported_media_type',
      'An import is a multipart/form-data body with the parts model (.onnx), data (training CSV) and label: curl -F model=@model.onnx -F data=@training.csv -F label=…',
    );
  }
  const tooLarge = new AppError('body_too_large', `An upload may have ${FORM_BYTES} bytes.`);
  if (Number(request.headers.get('Content-Length') ?? 0) > FORM_BYTES) throw tooLarge;
  let seen = 0;
  const counted = request.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.length;
        if (seen > FORM_BYTES) controller.error(tooLarge);
        else controller.enqueue(chunk);
      },
    }),
  );
  let form: FormData;
  try {
    form = await new Response(counted ?? null, { headers: { 'Content-Type': type } }).formData();
  } catch (cause) {
    if (seen > FORM_BYTES) throw tooLarge;
    throw new AppError('malformed_body', 'The multipart body cannot be read: it is cut off or has no boundary.', {
      cause,
    });
  }
  const unknown = [...form.keys()].find((key) => !FIELDS.includes(key));
  if (unknown === undefined) return form;
  throw new AppError(
    'invalid_input',
    `An import has no part ${JSON.stringify(unknown.slice(0, 60))}. Known are ${FIELDS.join(', ')}.`,
  );
}

function getFile(form: FormData, name: string): File | null {
  const [part, second] = form.getAll(name);
  if (part === undefined) return null;
  if (second !== undefined) throw new AppError('invalid_input', `The part "${name}" was sent more than once.`);
  if (typeof part === 'string') {
    throw new AppError(
      'invalid_input',
      `The part "${name}" is text. Send the file itself: curl -F ${name}=@file (with the @).`,
    );
  }
  return part;
}

function toText(name: string, value: FormDataEntryValue): string {
  if (typeof value === 'string') return value;
  throw new AppError('invalid_input', `The part "${name}" is a file; it is meant to be text.`);
}

function checkSize(name: string, file: File, limit: number): void {
  if (file.size > limit)
    throw new AppError('body_too_large', `The part "${name}" has ${file.size} bytes; it may have ${limit}.`);
  if (file.size === 0) throw new AppError('invalid_input', `The part "${name}" is an empty file.`);
}

function parseManifest(json: string): ManifestOverrides | undefined {
  if (json.trim() === '') return undefined;
  try {
    return JSON.parse(json) as ManifestOverrides;
  } catch (error) {
    throw new AppError(
      'malformed_body',
      `The part "manifest" is not JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function toName(file: string): string {
  const stem = (file.split(/[\\/]/).at(-1) ?? '')
    .replace(/\.onnx$/i, '')
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  return [...(stem || 'Model')].slice(0, LIMITS.DISPLAY_NAME_CHARACTERS).join('');
}
