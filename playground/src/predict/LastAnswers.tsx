// The last answers, to compare: what was different in each row, and a click brings it back.
import { Button, Group } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { toPercent, toReadable } from '../numbers.ts';
import type { Row, RowValue } from '../row.ts';
import classes from './predict.module.css';
import type { Answered } from './use-prediction.ts';

const KEPT = 8;
/** An answer is kept when its row has rested this long: what a slider passed by is not. */
const REST_MS = 900;

interface Props {
  schema: PipelineSchema;
  /** The present answer; null while it is on its way. */
  answered: Answered | null;
  onRow: (row: Row) => void;
}

export function LastAnswers({ schema, answered, onRow }: Props) {
  const [kept, setKept] = useState<readonly Answered[]>([]);
  useEffect(() => {
    if (answered === null) return;
    const timer = setTimeout(() => {
      setKept((before) => [answered, ...before.filter(({ row }) => !isSame(row, answered.row))].slice(0, KEPT));
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [answered]);
  if (kept.length < 2) return null;
  return (
    <section className={classes.card} aria-label="Last answers">
      <Group justify="space-between" className={classes.cardHead}>
        <h2>Last answers</h2>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setKept([])}>
          Forget them
        </Button>
      </Group>
      <ul className={classes.last}>
        {kept.map(({ row, prediction }, i) => (
          <li key={JSON.stringify([row, i])}>
            <button type="button" onClick={() => onRow(row)} title="Fill these values in">
              <span className={classes.lastAnswer}>
                <b>{toWords(prediction.prediction)}</b>
                {prediction.probability !== undefined && (
                  <span className="numbers">{toPercent(Math.max(...prediction.probability))}</span>
                )}
              </span>
              <small>{toDifference(schema, row, kept[i + 1]?.row)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function toWords(prediction: Answered['prediction']['prediction']): string {
  if (typeof prediction === 'number') return toReadable(prediction);
  return Array.isArray(prediction) ? `${prediction.slice(0, 3).map(toReadable).join(', ')} …` : String(prediction);
}

/** What this row has that the one before had not. */
function toDifference({ features }: PipelineSchema, row: Row, before: Row | undefined): string {
  const changed = features.filter(({ name }) => before === undefined || !isSameValue(row[name], before[name]));
  const shown = changed
    .slice(0, 4)
    .map(({ name, type }) => (type === 'image' ? 'an image' : `${name} ${toShort(row[name])}`));
  return shown.join(', ') + (changed.length > shown.length ? ` and ${changed.length - shown.length} more` : '');
}

function toShort(value: RowValue | undefined): string {
  if (value === null || value === undefined) return 'left out';
  const text = String(value);
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}

function isSame(a: Row, b: Row): boolean {
  return Object.keys(a).every((name) => isSameValue(a[name], b[name]));
}

function isSameValue(a: RowValue | undefined, b: RowValue | undefined): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.join() === b.join() : a === b;
}
