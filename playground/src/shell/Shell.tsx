// What stands around every page: the way to the two of them, and the colour scheme.
import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { DemoList } from '../../wire.ts';
import { transport } from '../transport.ts';
import { ColorScheme } from './ColorScheme.tsx';
import { Mark } from './Mark.tsx';
import classes from './shell.module.css';

/** The demos and the API's address: the one thing that the shell and the playground both ask for. */
export function useDemos() {
  return useQuery({ queryKey: ['demos'], queryFn: () => transport.json<DemoList>('/demos') });
}

export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const reference = useDemos().data?.api_url;
  const inConsole = location.startsWith('/console');
  return (
    <>
      <a href="#main" className={classes.skip}>
        To the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/" className={classes.brand}>
            <Mark />
            Postern
          </Link>
          <nav className={classes.nav} aria-label="Pages">
            <Link href="/" className={classes.tab} aria-current={inConsole ? undefined : 'page'}>
              Playground
            </Link>
            <Link href="/console" className={classes.tab} aria-current={inConsole ? 'page' : undefined}>
              Console
            </Link>
          </nav>
          <div className={classes.side}>
            {reference !== undefined && (
              <Anchor href={`${reference}/docs`} target="_blank" className={classes.reference}>
                API reference
              </Anchor>
            )}
            <ColorScheme />
          </div>
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
