// Before a run: a place to drop a file that says what it expects, and ways for those who have none.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconClipboardText, IconFileTypeCsv, IconPlayerPlay, IconUpload } from '@tabler/icons-react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { ColumnList } from './ColumnList.tsx';
import classes from './csv.module.css';
import { PasteDialog } from './PasteDialog.tsx';

interface Props {
  readonly schema: PipelineSchema;
  readonly sample: File;
  readonly isOver: boolean;
  readonly onFile: (file: File) => void;
  readonly onChoose: () => void;
}

export function Beginning({ schema, sample, isOver, onFile, onChoose }: Props) {
  const [isPasting, paste] = useDisclosure(false);
  return (
    <div className={classes.beginning}>
      <section className={classes.drop} aria-labelledby="csv-drop">
        <span className={classes.dropIcon}>
          <IconFileTypeCsv size={30} stroke={1.5} aria-hidden="true" />
        </span>
        <h2 id="csv-drop" className={classes.heading}>
          {isOver ? 'Let go to predict it' : 'Drop a CSV here'}
        </h2>
        <p className={classes.soft}>
          A header, then one row per prediction. A hundred rows or a million: the page reads the file piece by piece and
          shows answers as they come.
        </p>
        <div className={classes.ways}>
          <Button onClick={onChoose} leftSection={<IconUpload size={17} stroke={1.8} />}>
            Choose a file
          </Button>
          <Button variant="default" onClick={paste.open} leftSection={<IconClipboardText size={17} stroke={1.8} />}>
            Paste rows
          </Button>
        </div>
        <div className={classes.sample}>
          <span>No file at hand?</span>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => onFile(sample)}
            leftSection={<IconPlayerPlay size={15} stroke={1.8} />}
          >
            Try it with a sample
          </Button>
        </div>
      </section>
      <ColumnList schema={schema} sample={sample} />
      <PasteDialog
        schema={schema}
        isOpen={isPasting}
        onClose={paste.close}
        onText={(text) => {
          paste.close();
          onFile(new File([text], 'pasted rows.csv'));
        }}
      />
    </div>
  );
}
