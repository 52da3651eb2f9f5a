// Which column is the label, where the owner did not say: only told where nothing else is left over.
import { fitsDtype, isId, isIndex } from './columns.ts';
import type { InputSpec } from './inputs.ts';
import { matchNames } from './names.ts';
import { echoList, ImportRefusal } from './refusal.ts';
import { findSeries } from './series.ts';
import type { Column } from './training.ts';

const LABEL_NAME =
  /^(?:y|label|labels|target|class|classes|outcome|output|response|species|survived|churn|diagnosis|price|result)$/i;

/** @returns null where the CSV holds no label. @throws ImportRefusal where several columns could be it. */
export function guessLabel(specs: readonly InputSpec[], columns: readonly Column[]): string | null {
  if (findSeries(specs, columns, []) !== null) return null;
  const singles = specs.every(({ width }) => width === 1);
  const matched = new Set(
    singles
      ? matchNames(
          specs.map(({ name }) => name),
          columns,
          () => true,
        ).values()
      : [],
  );
  const open = columns.filter((column) => !matched.has(column) && !isIndex(column) && !(isId(column) && column.unique));
  const wanted = specs.reduce<number | null>(
    (sum, { width }) => (sum === null || width === null ? null : sum + width),
    0,
  );
  const missing = wanted === null ? null : wanted - matched.size;
  if (missing !== null && open.length <= missing) return null;
  const named = open.filter(({ name }) => LABEL_NAME.test(name));
  if (named.length === 1) return named[0]?.name ?? null;
  if (missing !== null && open.length === missing + 1) {
    if (missing === 0) return open[0]?.name ?? null;
    const numeric = specs.every(({ dtype }) => dtype !== 'string');
    const text = open.filter((column) => !fitsDtype(column, 'float32'));
    if (numeric && text.length === 1) return text[0]?.name ?? null;
  }
  if (singles && missing === 0) return null;
  throw new ImportRefusal(
    'label_required',
    `the CSV has more columns than the model takes, and it is not known which is the label: ${echoList(open.map(({ name }) => name))}. Give "label".`,
  );
}
