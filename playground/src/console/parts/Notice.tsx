// Something to know or to put right, where it concerns somebody.
import type { ReactNode, Ref } from 'react';
import classes from './parts.module.css';

interface Props {
  readonly tone: 'bad' | 'warn' | 'calm';
  readonly title?: string;
  /** alert: said at once; status: when there is time; none: it was there from the beginning. */
  readonly role?: 'alert' | 'status';
  readonly ref?: Ref<HTMLDivElement>;
  readonly children: ReactNode;
}

export function Notice({ tone, title, role, ref, children }: Props) {
  return (
    <div ref={ref} className={classes.notice} data-tone={tone} role={role}>
      {title !== undefined && <p className={classes.noticeTitle}>{title}</p>}
      {children}
    </div>
  );
}
