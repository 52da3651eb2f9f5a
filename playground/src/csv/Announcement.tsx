// What those hear who do not see the bar: the beginning, every few seconds how far it is, and the end.
import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { RunState } from './store.ts';
import { toRows } from './words.ts';

const EVERY_MS = 6000;

export function Announcement({ state }: { state: RunState }) {
  const latest = useRef(state);
  latest.current = state;
  const [text, setText] = useState('');
  const { phase } = state;
  useEffect(() => {
    setText(toSentence(latest.current));
    if (phase !== 'running') return;
    const timer = setInterval(() => setText(toSentence(latest.current)), EVERY_MS);
    return () => clearInterval(timer);
  }, [phase]);
  return <VisuallyHidden role="status">{text}</VisuallyHidden>;
}

function toSentence({ phase, name, rows, share, wait }: RunState): string {
  switch (phase) {
    case 'running':
      if (wait !== null) return 'Waiting for the server.';
      return rows === 0 ? `Predicting ${name}.` : `${Math.floor(share * 100)} percent, ${toRows(rows)} predicted.`;
    case 'done':
      return `Done: ${toRows(rows)} predicted.`;
    case 'cancelled':
      return `Cancelled after ${toRows(rows)}.`;
    default:
      return '';
  }
}
