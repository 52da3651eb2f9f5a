// What both drawings are made of: a browser window, the tile of Postern, and arrows between boxes.
import type { ReactNode } from 'react';
import classes from './why.module.css';

/** Both are as large, so that their boxes stand side by side. */
export const VIEW = '18 6 304 316';

/** A window at the top; `children` is what it shows. */
export function BrowserWindow({ title, children }: { title: string; children: ReactNode }) {
  return (
    <g transform="translate(20 8)">
      <rect className={classes.box} width="300" height="98" rx="10" />
      <path className={classes.bar} d="M0 10a10 10 0 0 1 10-10h280a10 10 0 0 1 10 10v16H0z" />
      <circle className={classes.dot} cx="15" cy="13" r="3.4" />
      <circle className={classes.dot} cx="27" cy="13" r="3.4" />
      <circle className={classes.dot} cx="39" cy="13" r="3.4" />
      <text className={classes.head} x="168" y="18" textAnchor="middle">
        {title}
      </text>
      {children}
    </g>
  );
}

/** A line of the window's network panel. */
export function Panel({ y, children }: { y: number; children: ReactNode }) {
  return (
    <g transform={`translate(14 ${y})`}>
      <text className={classes.note} x="0" y="-6">
        Network
      </text>
      <rect className={classes.line} width="272" height="28" rx="6" />
      {children}
    </g>
  );
}

export function Postern() {
  return (
    <g transform="translate(90 266)">
      <rect className={classes.postern} width="160" height="54" rx="10" />
      <g transform="translate(26 12)">
        <path className={classes.door} d="M3 30V12a9 9 0 0 1 18 0v18" />
        <path className={classes.leaf} d="M8 30V13.5l8-2.6V32z" />
      </g>
      <text className={classes.head} x="60" y="26">
        Postern
      </text>
      <text className={classes.note} x="60" y="42">
        your model
      </text>
    </g>
  );
}

/** Straight down from one box to the next. */
export function Arrow({ x = 170, from, to, wrong = false }: { x?: number; from: number; to: number; wrong?: boolean }) {
  return (
    <g className={wrong ? classes.wrongArrow : classes.arrow}>
      <path d={`M${x} ${from} V${to - 3}`} />
      <path d={`M${x - 5} ${to - 9} L${x} ${to - 2.5} L${x + 5} ${to - 9}`} />
    </g>
  );
}
