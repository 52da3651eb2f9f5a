// The answer as one looks for it, what it cost in time, and the JSON it came as.
import { Button, Collapse, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBraces, IconClock } from '@tabler/icons-react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { toMilliseconds } from '../numbers.ts';
import { ClassAnswer } from './ClassAnswer.tsx';
import { NumberAnswer } from './NumberAnswer.tsx';
import classes from './predict.module.css';
import type { PredictionState } from './use-prediction.ts';

export function AnswerCard({ schema, state }: { schema: PipelineSchema; state: PredictionState }) {
  const { answered, failure, empty, pending } = state;
  const [open, { toggle }] = useDisclosure(false);
  const stale = pending || failure !== null;
  return (
    <section className={`${classes.card} ${classes.answer}`} aria-label="Answer" aria-busy={pending}>
      <Group justify="space-between" className={classes.cardHead}>
        <h2>Answer</h2>
        {answered !== null && (
          <span className={`${classes.cost} numbers`} title="From sending to the last byte, as this page saw it">
            <IconClock size={14} stroke={1.7} aria-hidden="true" />
            {toMilliseconds(answered.milliseconds)}
            {answered.version !== null && <span> · version {answered.version}</span>}
          </span>
        )}
      </Group>
      <div aria-live="polite" data-stale={stale || undefined} className={classes.answerBody}>
        {failure !== null && <Refusal failure={failure} />}
        {empty.length > 0 && (
          <Text c="dimmed" py="md">
            Draw, drop or choose an image: the answer comes by itself.
          </Text>
        )}
        {answered !== null &&
          (schema.task === 'classification' ? (
            <ClassAnswer schema={schema} prediction={answered.prediction} />
          ) : (
            <NumberAnswer schema={schema} answered={answered} />
          ))}
      </div>
      {answered !== null && (
        <>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            mt="md"
            leftSection={<IconBraces size={15} stroke={1.7} />}
            aria-expanded={open}
            onClick={toggle}
          >
            JSON
          </Button>
          <Collapse expanded={open}>
            <pre className={classes.json}>{answered.text}</pre>
          </Collapse>
        </>
      )}
    </section>
  );
}

function Refusal({ failure }: { failure: NonNullable<PredictionState['failure']> }) {
  const { status, body, retryAfter } = failure;
  return (
    <div className={classes.refusal} role="alert">
      <Text size="sm" fw={600}>
        {body.message}
      </Text>
      <Text size="xs" c="dimmed">
        {status > 0 ? `${status} ${body.code}` : 'No answer'}
        {retryAfter !== null && `, try again in ${retryAfter} s`}
        {body.request_id !== '' && ` · request ${body.request_id.slice(0, 8)}`}
      </Text>
    </div>
  );
}
