// The heading of a page. It takes the focus when the page opens, so that a keyboard and a screen reader begin there.
import { Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from '../console.module.css';

export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useDocumentTitle(`${title} · Postern console`);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
      {children ?? title}
    </Title>
  );
}
