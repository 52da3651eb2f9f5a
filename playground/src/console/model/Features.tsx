// What callers send, and the classes they may get back, in order.
import { Button, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Feature } from '../../../../worker/contract.ts';
import type { ConsoleModel } from '../../../wire.ts';
import classes from '../console.module.css';
import { TYPES, toCount, toDomain, toText } from '../words.ts';
import page from './table.module.css';

/** More are searched, and shown when asked for. */
const SHOWN = 40;

export function Features({ model }: { model: ConsoleModel }) {
  const [search, setSearch] = useState('');
  const [all, setAll] = useState(false);
  const found = model.features.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  const shown = all ? found : found.slice(0, SHOWN);
  return (
    <div className={page.stack}>
      <section className={`${classes.card} ${page.tableCard}`}>
        <div className={page.tableHead}>
          <h2 className={classes.caps} id="features-heading">
            {toCount(model.features.length, 'feature')}
          </h2>
          {model.features.length > SHOWN && (
            <TextInput
              size="xs"
              aria-label="Search features"
              placeholder="Search"
              leftSection={<IconSearch size={14} />}
              value={search}
              onChange={({ currentTarget }) => setSearch(currentTarget.value)}
            />
          )}
        </div>
        <table className={page.table} aria-labelledby="features-heading">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Seen in training</th>
              <th scope="col">Example</th>
              <th scope="col">Missing</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((feature) => (
              <Row key={feature.name} feature={feature} />
            ))}
          </tbody>
        </table>
        {shown.length < found.length && (
          <div className={page.tableFoot}>
            <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
              Show all {found.length}
            </Button>
          </div>
        )}
      </section>
      {model.classes !== null && <Classes classes={model.classes.map(String)} />}
    </div>
  );
}

function Row({ feature }: { feature: Feature }) {
  const { name, type, length, unit, description, example, optional } = feature;
  const fallback = feature.default;
  return (
    <tr>
      <th scope="row">
        {name}
        {unit !== undefined && unit !== '' && <span className={page.unit}> {unit}</span>}
        {description !== undefined && description !== '' && <small>{description}</small>}
      </th>
      <td data-label="Type">{length === undefined ? TYPES[type] : `${length} × ${TYPES[type]}`}</td>
      <td data-label="Seen in training">{toDomain({ ...feature, length: undefined } as Feature) || '—'}</td>
      <td data-label="Example">{toText(example) || '—'}</td>
      <td data-label="Missing">
        {fallback !== undefined ? `becomes ${toText(fallback)}` : optional === true ? 'may be missing' : 'refused'}
      </td>
    </tr>
  );
}

function Classes({ classes: names }: { classes: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? names : names.slice(0, 60);
  return (
    <section className={`${classes.card} ${classes.padded}`}>
      <h2 className={classes.caps}>{toCount(names.length, 'class', 'classes')}, in the order of the probabilities</h2>
      <ol className={page.classes}>
        {shown.map((name, i) => (
          <li key={name}>
            <span aria-hidden="true">{i + 1}</span> {name}
          </li>
        ))}
      </ol>
      {shown.length < names.length && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setAll(true)}>
          Show all {names.length}
        </Button>
      )}
      <Text size="sm" c="dimmed" mt="sm">
        The first probability of an answer is that of the first class.
      </Text>
    </section>
  );
}
