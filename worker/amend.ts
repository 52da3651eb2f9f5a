// A manifest amended by its owner: merged, checked against itself, and tried on the golden rows in the engine that
// serves, so that a version which cannot answer is refused before it exists.
import { predictGolden } from './check.ts';
import { AppError } from './errors.ts';
import { mergeManifest, parseOverrides } from './onnx/overrides.ts';
import type { PredictDeps } from './predict.ts';
import type { GoldenRow, ModelPatch, VersionView } from './registry/account-api.ts';
import type { PipelineRecord } from './registry/records.ts';
import { toImportError } from './upload.ts';

/**
 * @param overrides anything; what it states wins over `base`'s manifest.
 * @throws AppError import_refused
 */
export async function amend(
  deps: PredictDeps,
  base: VersionView,
  overrides: unknown,
): Promise<NonNullable<ModelPatch['amendment']>> {
  try {
    const manifest = mergeManifest(base.manifest, parseOverrides(overrides));
    const model = { digest: base.digest, bytes: base.size_bytes, optimise: base.optimise };
    const { version } = base;
    const record: PipelineRecord = {
      v: 1,
      state: 'active',
      account_id: '',
      model_id: '',
      name: '',
      version,
      model,
      manifest,
    };
    const answers = base.golden.length === 0 ? [] : await predictGolden(deps, record, base.golden);
    const golden = base.golden.flatMap(({ row }, i): GoldenRow[] => {
      const answer = answers[i];
      return answer === undefined ? [] : [{ row, answer }];
    });
    return { base: version, manifest, golden };
  } catch (error) {
    if (error instanceof AppError && error.code !== 'model_unavailable' && error.code !== 'import_refused') {
      const [issue] = error.details.issues ?? [];
      throw new AppError(
        'import_refused',
        `The amended manifest no longer answers a row of the import: ${issue?.message ?? error.message}`,
        {
          reason: 'manifest_invalid',
          cause: error,
        },
      );
    }
    throw toImportError(error);
  }
}
