// The way back to the page above.
import { IconChevronLeft } from '@tabler/icons-react';
import { Link } from 'wouter';
import classes from '../console.module.css';

export function Crumb({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className={classes.crumb}>
      <IconChevronLeft size={16} aria-hidden />
      {children}
    </Link>
  );
}
