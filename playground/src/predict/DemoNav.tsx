// The models one can try, a picture and a name each.
import {
  IconChartLine,
  IconHome,
  IconPencil,
  IconPhotoScan,
  IconPlant2,
  IconTable,
  IconUserMinus,
  type TablerIcon,
} from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { Demo } from '../../wire.ts';
import classes from './predict.module.css';

/** Of the demos that come along; others get the icon of what they take. */
const OWN: Readonly<Record<string, TablerIcon>> = {
  iris: IconPlant2,
  churn: IconUserMinus,
  rent: IconHome,
  digits: IconPencil,
};
const BY_INPUT = { table: IconTable, series: IconChartLine, image: IconPhotoScan };
const WORDS = { classification: 'classification', regression: 'regression', forecasting: 'forecast' };

export function DemoNav({ demos, current }: { demos: readonly Demo[]; current: string }) {
  const here = useRef<HTMLAnchorElement>(null);
  // On a narrow page the list scrolls sideways, and the chosen model may stand outside.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `here` follows `current`.
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <nav aria-label="Models to try" className={classes.demos}>
      {demos.map(({ slug, title, task, input }) => {
        const Icon = OWN[slug] ?? BY_INPUT[input];
        return (
          <Link
            key={slug}
            ref={slug === current ? here : null}
            href={`/try/${slug}`}
            className={classes.demo}
            aria-current={slug === current ? 'page' : undefined}
          >
            <span className={classes.demoIcon}>
              <Icon size={19} stroke={1.6} />
            </span>
            <span className={classes.demoText}>
              <b>{title}</b>
              <small>{input === 'image' ? 'image' : WORDS[task]}</small>
            </span>
          </Link>
        );
      })}
    </nav>
  );
}
