// A question that is asked before something happens; the focus goes back to where it came from.
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

interface Props {
  readonly title: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, opened, onClose, children }: Props) {
  return (
    <Modal.Root opened={opened} onClose={onClose} centered padding="lg" size={460} lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content className={classes.dialog} radius={14}>
        {/* Mantine's own header is a <header>, which a screen reader would list beside that of the page. */}
        <div className={classes.dialogHead}>
          <Modal.Title className={classes.dialogTitle}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
