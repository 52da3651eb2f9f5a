// Why a run stopped, where in the file, and what can be done about it.
import { Alert, Button, Table } from '@mantine/core';
import { IconAlertCircle, IconPlugConnectedX } from '@tabler/icons-react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import classes from './csv.module.css';
import type { RowIssue, RunFailure } from './failure.ts';
import { toCount, toRows } from './words.ts';

/** Columns that are named where the header does not fit. */
const NAMES = 20;

interface Props {
  readonly failure: RunFailure;
  readonly schema: PipelineSchema;
  /** Rows that were predicted before. */
  readonly rows: number;
  readonly onGoOn: () => void;
}

export function FailureCard({ failure, schema, rows, onGoOn }: Props) {
  const { kind, message, detail, place, issues, moreIssues } = failure;
  const isInterrupted = kind === 'interrupted';
  return (
    <Alert
      color={isInterrupted ? 'orange' : 'red'}
      variant="outline"
      classNames={{ root: classes.failure ?? '', label: classes.failureTitle ?? '' }}
      icon={isInterrupted ? <IconPlugConnectedX /> : <IconAlertCircle />}
      title={toTitle(failure, rows)}
      role="alert"
    >
      {issues.length === 0 ? <p className={classes.message}>{message}</p> : <Issues issues={issues} />}
      {isOfHeader(failure) && <p className={classes.fine}>It takes {toNames(schema)}.</p>}
      {moreIssues > 0 && <p className={classes.fine}>And {toCount(moreIssues)} more in the rows around.</p>}
      {place !== null && (
        <figure className={classes.record}>
          <figcaption>
            Row {toCount(place.row)}, line {toCount(place.line)} of the file:
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <pre tabIndex={0}>{place.record.slice(0, 2000)}</pre>
        </figure>
      )}
      {isInterrupted && (
        <Button size="sm" mt="sm" onClick={onGoOn}>
          Go on from row {toCount(rows + 1)}
        </Button>
      )}
      {detail !== '' && <p className={classes.fine}>{detail}</p>}
    </Alert>
  );
}

function isOfHeader({ issues }: RunFailure): boolean {
  return issues.some(({ row }) => row === null);
}

function toNames({ features }: PipelineSchema): string {
  const names = features.map(({ name }) => name);
  return names.length <= NAMES
    ? names.join(', ')
    : `${names.slice(0, NAMES).join(', ')} and ${names.length - NAMES} more`;
}

function toTitle(failure: RunFailure, rows: number): string {
  const { kind, place } = failure;
  if (kind === 'interrupted')
    return rows === 0 ? 'Interrupted before the first row' : `Interrupted after ${toRows(rows)}`;
  if (kind === 'unreadable')
    return rows === 0 ? 'This file cannot be predicted' : `The file breaks off after row ${toCount(rows)}`;
  if (isOfHeader(failure)) return 'The header does not fit the model';
  return place === null ? 'The server refused these rows' : `Row ${toCount(place.row)} cannot be predicted`;
}

function Issues({ issues }: { issues: readonly RowIssue[] }) {
  const isSuggested = issues.some(({ suggestion }) => suggestion !== null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="What is wrong">
      <Table className={classes.issues ?? ''} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Row</Table.Th>
            <Table.Th scope="col">Column</Table.Th>
            <Table.Th scope="col">What is wrong</Table.Th>
            {isSuggested && <Table.Th scope="col">Wanted</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {issues.map(({ row, column, message, suggestion }) => (
            <Table.Tr key={`${row} ${column} ${message}`}>
              <Table.Td>{row === null ? 'header' : toCount(row)}</Table.Td>
              <Table.Td>
                <code>{column}</code>
              </Table.Td>
              <Table.Td>{message}</Table.Td>
              {isSuggested && <Table.Td>{suggestion}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
