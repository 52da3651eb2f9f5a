import { expect, it } from 'vitest';
import { type Admission, createAdmission, type Place } from '../../worker/admission.ts';
import { LIMITS } from '../../worker/limits.ts';

interface Clock {
  now: number;
}

function createLab(): { admission: Admission; clock: Clock } {
  const clock = { now: 1_000_000 };
  return { admission: createAdmission(() => clock.now), clock };
}

const overloaded = expect.objectContaining({ code: 'overloaded' });
const ROOM = LIMITS.HELD_BYTES;

function fill(admission: Admission): Place[] {
  const places: Place[] = [];
  for (;;) {
    try {
      places.push(admission.enter());
    } catch {
      return places;
    }
  }
}

it('admits as many as may wait, and again as they leave', () => {
  const { admission } = createLab();
  const places = fill(admission);
  expect(places.length).toBe(LIMITS.GUESTS);
  places[0]?.leave();
  places[0]?.leave();
  const next = admission.enter();
  expect(() => admission.enter()).toThrow(overloaded);
  next.leave();
  for (const place of places) place.leave();
  expect(fill(admission).length).toBe(LIMITS.GUESTS);
});

it('refuses the body that is one too many, and forgets what it held', () => {
  const { admission } = createLab();
  const first = admission.enter();
  first.hold(ROOM - 10);
  const second = admission.enter();
  second.hold(10);
  expect(() => second.hold(1)).toThrow(overloaded);
  second.leave();
  const third = admission.enter();
  third.hold(10);
  first.leave();
  admission.enter().hold(ROOM - 10);
});

it('counts what is announced at once, and what comes beyond it', () => {
  const { admission } = createLab();
  const first = admission.enter();
  first.expect(ROOM - 10);
  const second = admission.enter();
  expect(() => second.expect(11)).toThrow(overloaded);
  second.leave();
  first.hold(ROOM - 20);
  first.hold(10);
  const third = admission.enter();
  third.hold(10);
  expect(() => first.hold(1)).toThrow(overloaded);
});

it('admits the body of one alone whatever it holds', () => {
  const { admission } = createLab();
  const place = admission.enter();
  place.hold(3 * ROOM);
  place.hold(ROOM);
  expect(() => admission.enter().hold(1)).toThrow(overloaded);
  place.leave();
  admission.enter().hold(1);
});

it('does not count for ever those of which nothing more is heard', () => {
  const { admission, clock } = createLab();
  const places = fill(admission);
  clock.now += LIMITS.GUEST_SILENT_MS;
  places[0]?.touch();
  expect(() => admission.enter()).toThrow(overloaded);
  clock.now += LIMITS.GUEST_SWEEP_MS;
  expect(fill(admission).length).toBe(places.length - 1);
  // Late, and counted already.
  for (const place of places) place.leave();
  expect(fill(admission).length).toBe(1);
});
