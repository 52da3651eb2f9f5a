// The outline of a page whose answer is on its way.
import { Skeleton, Stack } from '@mantine/core';

export function Waiting({ heights }: { heights: readonly number[] }) {
  return (
    <Stack gap="lg" aria-busy="true" aria-label="Loading">
      <Skeleton h={34} maw={280} />
      {heights.map((height, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: outlines have no identity
        <Skeleton key={i} h={height} radius={14} />
      ))}
    </Stack>
  );
}
