// The cookie opens with the key that sealed it, and no longer than a day of work.
import { describe, expect, it } from 'vitest';
import { openSession, sealSession } from '../../../../playground/server/session.ts';

describe('a session', () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const token = `postern_${'a'.repeat(48)}`;

  it('opens with its key alone, unchanged, until it ends', async () => {
    const sealed = await sealSession(token, key, Date.now());
    expect(sealed).not.toContain(token.slice(8));
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(token.slice(8));
    expect(await openSession(sealed, key)).toBe(token);
    expect(await openSession(sealed, crypto.getRandomValues(new Uint8Array(32)))).toBeNull();
    const at = Math.floor(sealed.length / 2);
    expect(
      await openSession(sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1), key),
    ).toBeNull();
    expect(await openSession(await sealSession(token, key, Date.now() - 9 * 3600 * 1000), key)).toBeNull();
    expect(await openSession('', key)).toBeNull();
  });

  it('is different each time', async () => {
    const now = Date.now();
    expect(await sealSession(token, key, now)).not.toBe(await sealSession(token, key, now));
  });
});
