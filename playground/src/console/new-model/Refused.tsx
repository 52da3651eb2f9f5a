// Why an upload was refused, in full, where it is at fault.
import { useEffect, useRef } from 'react';
import { Notice } from '../parts/Notice.tsx';
import type { Place, Refusal } from './refusals.ts';

export function Refused({ refusal, at }: { refusal: Refusal | null; at: readonly Place[] }) {
  const place = useRef<HTMLDivElement>(null);
  const here = refusal !== null && at.includes(refusal.place) ? refusal : null;
  useEffect(() => {
    if (here !== null) place.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  if (here === null) return null;
  return (
    <Notice ref={place} tone="bad" role="alert" title={here.title}>
      {here.message}
    </Notice>
  );
}
