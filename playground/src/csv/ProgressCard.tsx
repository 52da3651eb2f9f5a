// How far a run is, how fast, and how long it still takes; when it has ended, what can be taken home.
import { Button, Progress } from '@mantine/core';
import { IconDownload, IconFileTypeCsv, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { Announcement } from './Announcement.tsx';
import classes from './csv.module.css';
import type { Downloads } from './downloads.ts';
import { save } from './save.ts';
import type { RunState } from './store.ts';
import { toCount, toDuration, toSize, toTimeLeft } from './words.ts';

interface Props {
  readonly state: RunState;
  readonly onCancel: () => void;
  readonly onClear: () => void;
}

export function ProgressCard({ state, onCancel, onClear }: Props) {
  const isRunning = state.phase === 'running';
  const percent = toPercentDone(state);
  return (
    <section className={`${classes.card} ${classes.progress}`} aria-label="Progress">
      <header className={classes.file}>
        <IconFileTypeCsv size={22} stroke={1.6} aria-hidden="true" />
        <span className={classes.fileName}>{state.name}</span>
        <span className={classes.fileSize}>{toSize(state.size)}</span>
        {isRunning && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlayerStop size={15} stroke={1.8} />}
            className={classes.action ?? ''}
            onClick={onCancel}
          >
            Cancel
          </Button>
        )}
      </header>
      <p className={classes.percent}>{isRunning ? <Percent value={percent} /> : <Ended state={state} />}</p>
      {(isRunning || state.rows > 0) && (
        <>
          <Progress
            value={percent}
            size={8}
            radius="xl"
            aria-label="Part of the file that is predicted"
            transitionDuration={120}
            {...(state.phase === 'stopped' ? { color: 'red' } : {})}
            {...(state.phase === 'cancelled' ? { color: 'gray' } : {})}
          />
          <dl className={classes.stats}>
            {isRunning && <Stat name="Rows">{toCount(state.rows)}</Stat>}
            <Stat name="Rows per second">{toSpeed(state)}</Stat>
            {isRunning ? (
              <Stat name="Time left">{state.secondsLeft === null ? '…' : toTimeLeft(state.secondsLeft)}</Stat>
            ) : (
              <Stat name="Time taken">{toDuration(state.seconds)}</Stat>
            )}
          </dl>
        </>
      )}
      {state.wait !== null && (
        <p className={classes.note}>
          {state.wait.why === 'limit'
            ? `The server takes only so many requests a minute. It goes on by itself within ${state.wait.seconds} s.`
            : `The server does not answer. It is asked again in ${state.wait.seconds} s.`}
        </p>
      )}
      {/* Not where "Cancel" was: a click that comes too late must not throw the answers away. */}
      {!isRunning && (
        <div className={classes.takeHome}>
          {state.downloads !== null && <TakeHome downloads={state.downloads} />}
          <Button variant="subtle" color="gray" leftSection={<IconRefresh size={17} stroke={1.8} />} onClick={onClear}>
            Another file
          </Button>
        </div>
      )}
      <Announcement state={state} />
    </section>
  );
}

function Percent({ value }: { value: number }) {
  return (
    <>
      <b>{Math.floor(value)}</b> %
    </>
  );
}

function Ended({ state: { phase, rows } }: { state: RunState }) {
  if (rows === 0) return phase === 'cancelled' ? 'Cancelled before the first row' : 'Nothing predicted';
  const words = { stopped: ', then it stopped', cancelled: ', then cancelled', done: '', running: '', idle: '' };
  return (
    <>
      <b>{toCount(rows)}</b> {`${rows === 1 ? 'row' : 'rows'} predicted${words[phase]}`}
    </>
  );
}

function Stat({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function TakeHome({ downloads }: { downloads: Downloads }) {
  return (
    <>
      <Button leftSection={<IconDownload size={17} stroke={1.8} />} onClick={() => save(downloads.joined)}>
        Rows with predictions
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={17} stroke={1.8} />}
        onClick={() => save(downloads.answers)}
      >
        Predictions alone
      </Button>
    </>
  );
}

/** Never 100 before the last answer. */
function toPercentDone({ phase, share }: RunState): number {
  return phase === 'done' ? 100 : Math.min(share * 100, 99);
}

/** While it runs that of the last seconds, afterwards that of the whole. */
function toSpeed({ phase, rows, seconds, rowsPerSecond }: RunState): string {
  const speed = phase === 'running' ? rowsPerSecond : rows / Math.max(seconds, 0.001);
  return speed === null ? '…' : toCount(Math.round(speed < 1000 ? speed : Number(speed.toPrecision(3))));
}
