// Why an upload was refused, in full, where it is at fault.
import { Alert, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Place, Refusal } from './refusals.ts';

export function Refused({ refusal, at }: { refusal: Refusal | null; at: readonly Place[] }) {
  const place = useRef<HTMLDivElement>(null);
  const here = refusal !== null && at.includes(refusal.place) ? refusal : null;
  useEffect(() => {
    if (here !== null) place.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  if (here === null) return null;
  return (
    <Alert ref={place} color="red" variant="light" role="alert" title={here.title}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {here.message}
      </Text>
    </Alert>
  );
}
