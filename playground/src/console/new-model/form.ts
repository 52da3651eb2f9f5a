// What an upload is made of while it is put together, and the form that is sent.
import type { FilePart } from './files.ts';

export interface UploadDraft {
  readonly files: Partial<Record<FilePart, File>>;
  readonly name: string;
  /** Label columns; none: Postern finds it. */
  readonly labels: readonly string[];
  /** '': Postern finds it. */
  readonly task: string;
  /** One per line; a file of them goes before. */
  readonly classNames: string;
  /** JSON, or nothing. */
  readonly manifest: string;
}

export const EMPTY_DRAFT: UploadDraft = { files: {}, name: '', labels: [], task: '', classNames: '', manifest: '' };

/** @returns what is wrong with the manifest as JSON, or null. */
export function findManifestFault(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? null
      : 'A manifest is an object: { … }.';
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`;
  }
}

/** @param named whether the form carries a name: a new version keeps that of its model. */
export function toUploadForm(draft: UploadDraft, named: boolean): FormData {
  const { model, data, labels } = draft.files;
  const form = new FormData();
  if (model !== undefined) form.set('model', model);
  if (data !== undefined) form.set('data', data);
  if (labels !== undefined) form.set('labels', labels);
  else if (draft.classNames.trim() !== '') form.set('labels', draft.classNames);
  for (const label of draft.labels) form.append('label', label);
  if (named && draft.name.trim() !== '') form.set('name', draft.name.trim());
  const stated = draft.manifest.trim() === '' ? {} : (JSON.parse(draft.manifest) as object);
  const manifest = draft.task === '' ? stated : { task: draft.task, ...stated };
  if (Object.keys(manifest).length > 0) form.set('manifest', JSON.stringify(manifest));
  return form;
}
