// A number: a slider over the range that training has seen, and a field for any value, which is sent as it was typed.
import { Slider, TextInput } from '@mantine/core';
import { useId } from 'react';
import { toReadable } from '../numbers.ts';
import { toStep, toText } from './fields.ts';
import classes from './predict.module.css';
import type { FieldProps } from './RowForm.tsx';
import { describedBy, FieldHead, FieldIssue } from './Said.tsx';

export function NumberField({ feature, value, issue, onValue }: FieldProps) {
  const id = useId();
  const { name, range, optional, default: fallback } = feature;
  const step = toStep(feature);
  const text = value === null ? '' : String(value);
  const number = Number(text);
  const place = range === undefined ? 0 : text === '' || Number.isNaN(number) ? range.min : number;
  return (
    <>
      <FieldHead feature={feature} id={id} optional={optional && range === undefined}>
        <TextInput
          id={id}
          className={classes.number ?? ''}
          size="sm"
          inputMode={feature.type === 'integer' ? 'numeric' : 'decimal'}
          autoComplete="off"
          value={text}
          error={issue !== undefined}
          placeholder={optional ? toPlaceholder(fallback) : 'a number'}
          onChange={({ currentTarget }) => onValue(currentTarget.value === '' ? null : currentTarget.value)}
          {...describedBy(id, feature, issue)}
        />
      </FieldHead>
      {range !== undefined && range.max > range.min && (
        <div className={classes.slider} data-empty={text === '' || undefined}>
          <Slider
            thumbLabel={`${name}, by slider`}
            min={range.min}
            max={range.max}
            step={step}
            value={Math.min(range.max, Math.max(range.min, place))}
            label={null}
            size={4}
            thumbSize={18}
            onChange={(next) => {
              if (next !== place) onValue(toText(next, step));
            }}
          />
          <span className={classes.range} aria-hidden="true">
            <span>{toReadable(range.min)}</span>
            {optional && <span>may be left blank</span>}
            <span>{toReadable(range.max)}</span>
          </span>
        </div>
      )}
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}

function toPlaceholder(fallback: unknown): string {
  return fallback === undefined ? 'left out' : String(fallback);
}
