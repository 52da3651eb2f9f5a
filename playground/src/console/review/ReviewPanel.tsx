// The manifest, where the import had to guess and where only the owner knows: a form, and the same as JSON. Saving makes
// a version that is live once it is activated.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ConsoleModel } from '../../../wire.ts';
import { Failure } from '../../shell/Failure.tsx';
import { consoleApi, keys } from '../api.ts';
import { getNewest } from '../model-cache.ts';
import { Editor } from './Editor.tsx';

export default function ReviewPanel({ model }: { model: ConsoleModel }) {
  const newest = getNewest(model);
  const version = useQuery({
    queryKey: keys.version(model.id, newest),
    queryFn: () => consoleApi.getVersion(model.id, newest),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (version.data !== undefined) return <Editor key={newest} model={model} version={version.data} />;
  if (version.error === null) return <Skeleton h={320} radius={14} />;
  return <Failure error={version.error} what="The manifest cannot be loaded" onRetry={() => void version.refetch()} />;
}
