// Where files are dropped or chosen, several at once, and what has been taken so far.
import { ActionIcon, Button, Text } from '@mantine/core';
import { IconFileCode, IconFileText, IconTable, IconX } from '@tabler/icons-react';
import { useDropzone } from 'react-dropzone';
import { toSize } from '../words.ts';
import type { FilePart } from './files.ts';
import classes from './upload.module.css';

const PARTS: Record<FilePart, readonly [typeof IconTable, string, string]> = {
  model: [IconFileCode, 'The model', 'An .onnx file, all weights inside'],
  data: [
    IconTable,
    'Its training data',
    'A .csv with a header row: names, types and ranges come from it, and rows for a test run. It is not kept',
  ],
  labels: [IconFileText, 'Class names', 'A .txt with one per line, where neither the CSV nor the model has them'],
};

interface Props {
  readonly files: Partial<Record<FilePart, File>>;
  readonly disabled: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onRemove: (part: FilePart) => void;
}

export function DropArea({ files, disabled, onFiles, onRemove }: Props) {
  const { getRootProps, getInputProps, isDragActive, open } = useDropzone({
    onDrop: (accepted) => onFiles(accepted),
    noKeyboard: true,
    noClick: true,
    disabled,
    useFsAccessApi: false,
  });
  return (
    <div
      {...getRootProps({ className: classes.drop, role: 'group', 'aria-label': 'Files' })}
      data-over={isDragActive || undefined}
    >
      <input {...getInputProps({ 'aria-label': 'Files to upload' })} data-testid="files" />
      <div className={classes.call}>
        <Text fw={560}>{isDragActive ? 'Let go to add them' : 'Drop the model and its CSV here'}</Text>
        <Button variant="default" size="sm" onClick={open} disabled={disabled}>
          Choose files
        </Button>
      </div>
      <ul className={classes.files}>
        {(['model', 'data', 'labels'] as const).map((part) => (
          <FileLine key={part} part={part} file={files[part]} disabled={disabled} onRemove={() => onRemove(part)} />
        ))}
      </ul>
    </div>
  );
}

interface LineProps {
  readonly part: FilePart;
  readonly file: File | undefined;
  readonly disabled: boolean;
  readonly onRemove: () => void;
}

function FileLine({ part, file, disabled, onRemove }: LineProps) {
  const [Icon, title, what] = PARTS[part];
  return (
    <li className={classes.file} data-there={file !== undefined || undefined}>
      <Icon size={22} stroke={1.5} aria-hidden />
      <div>
        <b>{file?.name ?? title}</b>
        <small>{file === undefined ? `${what}.` : toSize(file.size)}</small>
      </div>
      {file === undefined && part !== 'model' && <span className={classes.optional}>optional</span>}
      {file !== undefined && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${file.name}`}
          onClick={onRemove}
          disabled={disabled}
        >
          <IconX size={16} />
        </ActionIcon>
      )}
    </li>
  );
}
