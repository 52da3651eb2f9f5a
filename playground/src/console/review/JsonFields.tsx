// An amendment as JSON, beside the manifest it is merged into.
import { Button, Code, Text, Textarea } from '@mantine/core';
import type { Manifest } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import page from './review.module.css';

interface Props {
  readonly text: string;
  readonly manifest: Manifest;
  readonly error: string | null;
  readonly onChange: (text: string) => void;
  /** Back to what the form says; null: that is what is shown. */
  readonly onFollow: (() => void) | null;
}

export function JsonFields({ text, manifest, error, onChange, onFollow }: Props) {
  return (
    <div className={`${classes.card} ${classes.padded} ${page.stack}`}>
      <Textarea
        label="Amendment"
        description="A partial manifest. Features are merged by name; whatever is left out stays."
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: page.code }}
        value={text}
        error={error}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {onFollow !== null && (
        <Button variant="subtle" color="gray" size="compact-sm" className={page.follow} onClick={onFollow}>
          Take the changes of the form instead
        </Button>
      )}
      <details className={page.details}>
        <summary>The manifest as it is</summary>
        <Code block mt="sm" className={page.manifest} tabIndex={0}>
          {JSON.stringify(manifest, null, 2)}
        </Code>
        <Text size="sm" c="dimmed" mt="xs">
          Inputs and outputs are those of the graph. The fields are explained in docs/manifest.md.
        </Text>
      </details>
    </div>
  );
}

export function findJsonFault(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? null
      : 'An amendment is an object: { … }.';
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`;
  }
}
