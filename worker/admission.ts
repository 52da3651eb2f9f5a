// How much the requests of this isolate may hold in memory while they wait for bodies, storage or a model. What is answered
// at once holds nothing and is not asked: the platform runs those one after the other, and refusing one costs as much
// as most of answering it.
import { AppError } from './errors.ts';
import { LIMITS } from './limits.ts';

export interface Admission {
  /** @throws AppError overloaded */
  enter(): Place;
}

/** What one request holds. */
export interface Place {
  /** Counts bytes that are about to come and will be held. @throws AppError overloaded */
  expect(bytes: number): void;
  /** Counts bytes that stay in memory until it leaves, beyond those expected. @throws AppError overloaded */
  hold(bytes: number): void;
  /** It is still there: of a request that goes on for long. */
  touch(): void;
  leave(): void;
}

interface Guest {
  bytes: number;
  /** Of these, what has not come yet. */
  expected: number;
  touchedAt: number;
}

/** @param now milliseconds. */
export function createAdmission(now: () => number): Admission {
  const guests = new Set<Guest>();
  let held = 0;
  let sweptAt = 0;

  /** Of a request that was cancelled nothing runs any more, not even what would have told that it left. */
  function sweep(): void {
    const at = now();
    if (at - sweptAt < LIMITS.GUEST_SWEEP_MS) return;
    sweptAt = at;
    for (const guest of guests) if (at - guest.touchedAt > LIMITS.GUEST_SILENT_MS) remove(guest);
  }

  function remove(guest: Guest): void {
    if (guests.delete(guest)) held -= guest.bytes;
  }

  return {
    enter() {
      if (guests.size >= LIMITS.GUESTS) sweep();
      if (guests.size >= LIMITS.GUESTS) throw overloaded();
      const guest: Guest = { bytes: 0, expected: 0, touchedAt: now() };
      guests.add(guest);
      const take = (bytes: number): void => {
        if (!guests.has(guest)) return;
        // What one alone holds is bounded by the limits of its format.
        const fits = () => held + bytes <= LIMITS.HELD_BYTES || held === guest.bytes;
        if (!fits()) sweep();
        if (!fits()) {
          remove(guest);
          throw overloaded();
        }
        guest.bytes += bytes;
        held += bytes;
      };
      return {
        expect(bytes) {
          take(bytes);
          guest.expected += bytes;
        },
        hold(bytes) {
          guest.touchedAt = now();
          const known = Math.min(bytes, guest.expected);
          guest.expected -= known;
          if (bytes > known) take(bytes - known);
        },
        touch() {
          guest.touchedAt = now();
        },
        leave: () => remove(guest),
      };
    },
  };
}

function overloaded(): AppError {
  return new AppError('overloaded', 'Too much is going on here at the moment. Try again in a second.');
}

/** For work of our own, which is bounded elsewhere. */
export const ADMIT_ALL: Admission = {
  enter: () => ({
    expect: () => undefined,
    hold: () => undefined,
    touch: () => undefined,
    leave: () => undefined,
  }),
};
