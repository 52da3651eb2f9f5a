// The account token goes to the server and into nothing else: no state, no storage, no address, no cache.
import { Button, Code, PasswordInput, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import type { Session } from '../../wire.ts';
import { Mark } from '../shell/Mark.tsx';
import { ApiFailure } from '../transport.ts';
import { consoleApi } from './api.ts';
import { Notice } from './parts/Notice.tsx';
import { PageTitle } from './parts/PageTitle.tsx';
import classes from './SignIn.module.css';

export function SignIn({ ended, onSignedIn }: { ended: boolean; onSignedIn: (session: Session) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);

  function refuse(message: string, clear: boolean): void {
    setError(message);
    if (field.current === null) return;
    if (clear) field.current.value = '';
    field.current.focus();
  }

  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    const fault = findFault(token);
    if (fault !== null) {
      refuse(fault, true);
      return;
    }
    setWaiting(true);
    setError(null);
    try {
      onSignedIn(await consoleApi.signIn(token));
    } catch (failure) {
      refuse(toMessage(failure), failure instanceof ApiFailure && failure.status === 401);
      setWaiting(false);
    }
  }

  return (
    <div className={classes.place}>
      <form className={classes.card} onSubmit={(event) => void signIn(event)} noValidate>
        <Mark size={36} />
        <div>
          <PageTitle title="Sign in" />
          <Text c="dimmed" mt={4}>
            to your models and their prediction URLs
          </Text>
        </div>
        {ended && (
          <Notice tone="calm" role="status">
            You were signed out. Your models go on serving.
          </Notice>
        )}
        <PasswordInput
          ref={field}
          label="Account token"
          placeholder="postern_…"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          error={error}
          errorProps={{ role: 'alert' }}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
        />
        <Button type="submit" size="md" loading={waiting} fullWidth>
          Sign in
        </Button>
        <Stack gap="xs" className={classes.help}>
          <Text size="sm" component="div">
            <b>Where is it?</b> On your own machine this prints it:
            <Code block mt={6} className={classes.command}>
              npm run --silent account -- token
            </Code>
          </Text>
          <Text size="sm">On a deployment it was shown once, when the account was made.</Text>
          <Text size="sm" className={classes.promise}>
            <IconLock size={15} aria-hidden />
            <span>It is kept encrypted in a cookie that pages cannot read; signing out forgets it.</span>
          </Text>
        </Stack>
      </form>
    </div>
  );
}

function findFault(token: string): string | null {
  if (token === '') return 'Paste your account token.';
  return token.startsWith('postern_')
    ? null
    : 'This is not an account token: it begins with postern_. A prediction URL does not sign you in.';
}

function toMessage(failure: unknown): string {
  if (!(failure instanceof ApiFailure)) return 'The server did not answer as expected. Try again.';
  if (failure.status === 401) return 'No account has this token. It may have been replaced, or copied in part.';
  if (failure.status === 429) {
    const wait = failure.retryAfter === null ? 'a minute' : `${failure.retryAfter} seconds`;
    return `Too many tries. Wait ${wait}, then try again.`;
  }
  return failure.message;
}
