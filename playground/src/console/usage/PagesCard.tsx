// The web pages that called the URL: each host, how often and when.
import { Text } from '@mantine/core';
import type { PageCalls } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import table from '../model/table.module.css';
import { toAgo, toDate, toNumber } from '../words.ts';

export function PagesCard({ pages }: { pages: PageCalls }) {
  const now = Date.now();
  return (
    <section className={`${classes.card} ${table.tableCard}`} aria-labelledby="pages-heading">
      <div className={table.tableHead}>
        <h2 className={classes.caps} id="pages-heading">
          Called from web pages
        </h2>
      </div>
      <table className={table.table} aria-labelledby="pages-heading">
        <thead>
          <tr>
            <th scope="col">Page on</th>
            <th scope="col">Calls</th>
            <th scope="col">First</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {pages.origins.map(({ origin, calls, first_at, last_at }) => (
            <tr key={origin ?? ''}>
              <th scope="row">{origin ?? 'others, or not said'}</th>
              <td data-label="Calls">{toNumber(calls, 9)}</td>
              <td data-label="First">{toDate(first_at)}</td>
              <td data-label="Last">{toAgo(last_at, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={table.tableFoot}>
        <Text size="sm" c="dimmed" p="xs">
          As the browsers said it; a program can say what it likes. A new URL begins with an empty list.
        </Text>
      </div>
    </section>
  );
}
