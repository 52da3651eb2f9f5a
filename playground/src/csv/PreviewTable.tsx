// The first rows of the file beside what was predicted for them; the predictions first, where a small screen shows them.
import { Progress, Table } from '@mantine/core';
import { toPercent, toReadable } from '../numbers.ts';
import classes from './csv.module.css';
import type { Preview, PreviewRow } from './preview.ts';
import { toCount } from './words.ts';

export function PreviewTable({ preview, unit }: { preview: Preview; unit: string | null }) {
  const { columns, hiddenColumns, predicted, rows } = preview;
  const predictedClass = toPredictedClass(preview);
  const isProbable = rows.some(({ probability }) => probability !== null);
  return (
    <section className={classes.card} aria-labelledby="csv-preview">
      <h2 id="csv-preview" className={classes.cardTitle}>
        The first {rows.length === 1 ? 'row' : `${toCount(rows.length)} rows`}
        {hiddenColumns > 0 && ` and ${columns.length} of their ${columns.length + hiddenColumns} columns`}
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={`${classes.scroll} ${classes.preview}`} tabIndex={0} aria-label="Rows and predictions">
        <Table stickyHeader verticalSpacing={7} horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className={classes.number ?? ''}>
                Row
              </Table.Th>
              {predicted.map((name) => (
                <Table.Th key={`predicted ${name}`} scope="col" className={predictedClass}>
                  {name}
                  {unit !== null && <span className={classes.unit}> {unit}</span>}
                </Table.Th>
              ))}
              {isProbable && (
                <Table.Th scope="col" className={classes.predicted ?? ''}>
                  probability
                </Table.Th>
              )}
              {columns.map(({ name, isNumeric }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of one name make a vector, and none ever moves
                <Table.Th key={i} scope="col" className={isNumeric ? (classes.number ?? '') : ''}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Row key={row.row} row={row} preview={preview} isProbable={isProbable} />
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </section>
  );
}

function Row({ row, preview, isProbable }: { row: PreviewRow; preview: Preview; isProbable: boolean }) {
  return (
    <Table.Tr>
      <Table.Td className={`${classes.number} ${classes.rowNumber}`}>{toCount(row.row)}</Table.Td>
      {row.prediction.map((cell, i) => (
        <Table.Td key={preview.predicted[i]} className={toPredictedClass(preview)}>
          {preview.isNumbers ? toReadable(Number(cell)) : cell}
        </Table.Td>
      ))}
      {isProbable && (
        <Table.Td className={classes.predicted ?? ''}>
          <Probability share={row.probability} />
        </Table.Td>
      )}
      {row.inputs.map((cell, i) => (
        <Table.Td
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={i}
          className={preview.columns[i]?.isNumeric === true ? (classes.number ?? '') : (classes.text ?? '')}
          data-label={preview.columns[i]?.isLabel || undefined}
        >
          {cell}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function Probability({ share }: { share: number | null }) {
  if (share === null) return null;
  return (
    <span className={classes.probability}>
      <Progress value={share * 100} size={6} radius="xl" aria-hidden="true" />
      {toPercent(share)}
    </span>
  );
}

function toPredictedClass({ isNumbers }: Preview): string {
  return `${classes.predicted} ${isNumbers ? classes.number : ''}`;
}
