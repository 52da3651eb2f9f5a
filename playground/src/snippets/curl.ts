// curl, in a POSIX shell.
import { listColumns, quoteShell, toField } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

export const curl: Language = {
  id: 'curl',
  name: 'curl',
  file: 'predict.sh',
  run: 'sh predict.sh',
  syntax: 'bash',
  write({ row, image }: SnippetRequest): string {
    const columns = listColumns({ row });
    if (image === null) {
      return `curl -sS --fail-with-body --max-time 30 "$PIPELINE_URL" \\
  --json ${quoteShell(JSON.stringify(Object.fromEntries(columns), null, 2))}
`;
    }
    const fields = columns.map(([name, value]) => ` \\\n  --form-string ${quoteShell(`${name}=${toField(value)}`)}`);
    return `curl -sS --fail-with-body --max-time 30 "$PIPELINE_URL" \\
  -F ${quoteShell(`${image.field}=@${image.file}`)}${fields.join('')}
`;
  },
};
