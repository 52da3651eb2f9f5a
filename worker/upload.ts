// An uploaded form becomes a version to be: its parts are read, the model is imported in an engine of its own, and a
// refusal says what to do. Knows no Hono and no storage.
import { predictGolden } from './check.ts';
import { AppError } from './errors.ts';
import type { Runtime } from './inference/runtime.ts';
import { createSessionCache } from './inference/sessions.ts';
import { LIMITS } from './limits.ts';
import { type ImportResult, importModel } from './onnx/import.ts';
import type { ManifestOverrides } from './onnx/overrides.ts';
import { ImportRefusal } from './onnx/refusal.ts';
import { toExampleRow } from './pipeline/example.ts';
import type { GoldenRow, NewVersion } from './registry/account-api.ts';
import type { PipelineRecord } from './registry/records.ts';
import { sleep } from './registry/time.ts';

export interface Upload {
  /** The name given, or that of the file without its ending. */
  readonly name: string;
  readonly version: NewVersion;
}

/** A form's text, its boundaries and headers, besides the two files. */
const FORM_BYTES = LIMITS.MODEL_BYTES + LIMITS.TRAINING_CSV_BYTES + LIMITS.FORM_BODY_BYTES;
const FIELDS = ['model', 'data', 'label', 'name', 'labels', 'manifest'];

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
    overrides: addClasses(
      manifest === null ? undefined : parseManifest(toText('manifest', manifest)),
      await readLabels(form),
    ),
  };
  const bytes = new Uint8Array(await model.arrayBuffer());
  await waitForTurn();
  importing += 1;
  let engine: Runtime | null = null;
  try {
    engine = await startEngine();
    const { load } = engine;
    const imported = importModel(bytes, { ...options, load: (onnx) => load(onnx) });
    const golden = imported.golden.length > 0 ? imported.golden : await createGolden(imported, engine, startEngine);
    return { name: given || toName(model.name), version: { ...imported, golden } };
  } catch (error) {
    throw toImportError(error);
  } finally {
    engine?.close();
    importing -= 1;
  }
}

/** In this isolate; each has an engine beside the one that serves. */
let importing = 0;
const TURN_STEP_MS = 20;

async function waitForTurn(): Promise<void> {
  for (let waited = 0; importing >= LIMITS.IMPORTS_AT_ONCE; waited += TURN_STEP_MS) {
    if (waited >= LIMITS.IMPORT_WAIT_MS) {
      throw new AppError('model_unavailable', 'Too many imports are running. Upload it again in a moment.');
    }
    await sleep(TURN_STEP_MS);
  }
}

/** What the model answers to the example of its manifest: a golden row where import has kept none, as of images. */
async function createGolden(
  { manifest, model, optimise }: ImportResult,
  engine: Runtime,
  startEngine: () => Promise<Runtime>,
): Promise<GoldenRow[]> {
  if (manifest.features.every(({ type }) => type !== 'image')) return [];
  const digest = 'imported';
  const record: PipelineRecord = {
    v: 1,
    state: 'active',
    account_id: '',
    model_id: '',
    name: '',
    version: 1,
    model: { digest, bytes: model.length, optimise },
    manifest,
  };
  const reader = {
    async *readModel() {
      yield model;
    },
  };
  const row = Object.fromEntries(toExampleRow(manifest));
  const sessions = createSessionCache(engine, startEngine);
  const [answer] = await predictGolden({ reader, sessions }, record, [{ row }]);
  return answer === undefined ? [] : [{ row, answer }];
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
  const entries = [...form.values()];
  const text = entries.reduce((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
  if (entries.length > LIMITS.MULTIPART_PARTS || text > LIMITS.MANAGEMENT_BODY_BYTES) {
    const message = `Besides its files an upload has at most ${LIMITS.MULTIPART_PARTS} parts and ${LIMITS.MANAGEMENT_BODY_BYTES} characters.`;
    throw new AppError('body_too_large', message);
  }
  const unknown = [...form.keys()].find((key) => !FIELDS.includes(key));
  if (unknown === undefined) return form;
  throw new AppError(
    'invalid_input',
    `An import has no part ${JSON.stringify(unknown.slice(0, 60))}. Known are ${FIELDS.join(', ')}.`,
  );
}

/** A file of class names, one per line in the order of the outputs, as it is kept beside many networks. */
async function readLabels(form: FormData): Promise<string[] | null> {
  const part = form.get('labels');
  if (part === null) return null;
  if (typeof part !== 'string') checkSize('labels', part, LIMITS.MANAGEMENT_BODY_BYTES);
  const text = typeof part === 'string' ? part : await part.text();
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length >= 2 && lines.length <= LIMITS.CLASSES && !lines.includes('')) return lines;
  throw new AppError(
    'invalid_input',
    `The part "labels" holds one class name per line, 2 to ${LIMITS.CLASSES} of them.`,
  );
}

/** What the manifest states wins. */
function addClasses(manifest: ManifestOverrides | undefined, classes: string[] | null): ManifestOverrides | undefined {
  if (classes === null || manifest?.classes !== undefined) return manifest;
  return { ...manifest, classes };
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
