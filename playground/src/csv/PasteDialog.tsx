// Rows from the clipboard, for those who do not paste into the page itself.
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import classes from './csv.module.css';

interface Props {
  readonly schema: PipelineSchema;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onText: (text: string) => void;
}

export function PasteDialog({ schema, isOpen, onClose, onText }: Props) {
  const [text, setText] = useState('');
  const names = schema.features.map(({ name }) => name);
  return (
    // Mantine's own head would be a second banner of the page, and its scroll lock a style without the nonce.
    <Modal.Root opened={isOpen} onClose={onClose} lockScroll={false} size="lg" padding="xl" centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <Modal.Title className={classes.heading ?? ''}>Paste rows</Modal.Title>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              onText(text);
            }}
          >
            <Textarea
              label="Header and rows"
              description="Cells copied from a spreadsheet work as they are."
              placeholder={`${names.slice(0, 6).join(',')}${names.length > 6 ? ',…' : ''}`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              minRows={8}
              maxRows={16}
              autosize
              mt="md"
              data-autofocus
              spellCheck={false}
              classNames={{ input: classes.pasted ?? '' }}
            />
            <Group justify="flex-end" mt="md">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" disabled={text.trim() === ''}>
                Predict
              </Button>
            </Group>
          </form>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
