import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../worker/errors.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { DAY_MS, type Outcome, toDay, type UsageReport, type UsageVerdict } from '../../../worker/pipeline/usage.ts';
import { createUsage, type Metered } from '../../../worker/usage/usage.ts';

const pipeline: Metered = { account_id: 'account_a', model_id: 'model_m' };
const NOON = 20_000 * DAY_MS + DAY_MS / 2;

/** A clock that goes as told, and an account that adds up. */
function createLab(limiter: { limit(options: { key: string }): Promise<{ success: boolean }> } | null = null) {
  let time = NOON;
  let sleepers: { at: number; wake: () => void }[] = [];
  const sent: { account: string; report: UsageReport }[] = [];
  const lab = {
    sent,
    fail: 0,
    /** The report arrives, its answer does not. */
    loseAnswers: 0,
    works: 0,
    verdict: (_: UsageReport): UsageVerdict[] => [],
    async pass(ms: number) {
      const end = time + ms;
      for (;;) {
        // Everything that is ready goes on.
        for (let i = 0; i < 20; i += 1) await Promise.resolve();
        const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        time = next.at;
        sleepers = sleepers.filter((each) => each !== next);
        next.wake();
      }
      time = end;
    },
    /** What waits is never woken. */
    cut() {
      sleepers = [];
    },
    /** What arrived, each report once. */
    total(key: 'calls' | 'predictions' | 'counted', outcome?: Outcome) {
      const once = new Map(sent.map(({ report }) => [report.id, report]));
      const hours = [...once.values()].flatMap(({ pipelines }) => pipelines.flatMap(({ hours }) => hours));
      return hours
        .filter((hour) => outcome === undefined || hour.outcome === outcome)
        .reduce((sum, hour) => sum + hour[key], 0);
    },
  };
  const usage = createUsage({
    now: () => time,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
    waitUntil(work) {
      lab.works += 1;
      // What is left to run after an answer never throws.
      void work;
    },
    createId: () => crypto.randomUUID(),
    async send(account, report) {
      if (lab.fail > 0) {
        lab.fail -= 1;
        throw new Error('The account does not answer.');
      }
      sent.push({ account, report });
      if (lab.loseAnswers > 0) {
        lab.loseAnswers -= 1;
        throw new Error('The answer is lost.');
      }
      return lab.verdict(report);
    },
    limiter,
  });
  return Object.assign(lab, { usage });
}

const admitted = (lab: ReturnType<typeof createLab>, record = pipeline): AppError | null => {
  try {
    lab.usage.admit(record);
    return null;
  } catch (error) {
    return error instanceof AppError ? error : null;
  }
};

describe('counting', () => {
  it('tells an account all of it, a second after the first call, with one piece of work', async () => {
    const lab = createLab();
    for (let i = 0; i < 5; i += 1) lab.usage.countAnswer(pipeline, 2);
    lab.usage.countFailure(pipeline, 'invalid_value');
    lab.usage.countFailure(pipeline, 'model_unavailable');
    lab.usage.countPage(pipeline, 'example.org');
    expect(lab.works).toBe(1);
    await lab.pass(LIMITS.USAGE_FIRST_MS - 1);
    expect(lab.sent).toEqual([]);
    await lab.pass(1);
    const hour = NOON / 3_600_000;
    expect(lab.sent).toMatchObject([
      {
        account: 'account_a',
        report: {
          pipelines: [
            {
              model_id: 'model_m',
              hours: [
                { hour, outcome: 'ok', calls: 5, predictions: 10, counted: 10 },
                { hour, outcome: 'invalid_value', calls: 1, predictions: 0, counted: 1 },
                { hour, outcome: 'model_unavailable', calls: 1, predictions: 0, counted: 0 },
                { hour, outcome: 'browser_call', calls: 1, predictions: 0, counted: 0 },
              ],
              pages: [{ rotation: 0, origin: 'example.org', calls: 1, last_at: NOON }],
            },
          ],
        },
      },
    ]);
  });

  it('reports at most every ten seconds, but at once after many', async () => {
    const lab = createLab();
    for (let second = 0; second < 60; second += 1) {
      lab.usage.countAnswer(pipeline, 1);
      await lab.pass(1000);
    }
    expect(lab.sent.length).toBeLessThanOrEqual(7);
    expect(lab.sent.length).toBeGreaterThanOrEqual(6);
    const before = lab.sent.length;
    lab.usage.countAnswer(pipeline, LIMITS.USAGE_COUNTS);
    await lab.pass(0);
    expect(lab.sent.length).toBe(before + 1);
    await lab.pass(60_000);
    expect(lab.total('calls')).toBe(61);
  });

  it('keeps accounts apart', async () => {
    const lab = createLab();
    lab.usage.countAnswer(pipeline, 1);
    lab.usage.countAnswer({ account_id: 'account_b', model_id: 'model_m' }, 1);
    await lab.pass(2000);
    expect(lab.sent.map(({ account, report }) => [account, report.pipelines.length])).toEqual([
      ['account_a', 1],
      ['account_b', 1],
    ]);
  });

  it('sends what was not taken again, once and under its number, and then with the next call', async () => {
    const lab = createLab();
    lab.fail = 2;
    lab.usage.countAnswer(pipeline, 1);
    await lab.pass(60_000);
    expect(lab.sent).toEqual([]);
    expect(lab.fail).toBe(0);
    lab.usage.countAnswer(pipeline, 1);
    await lab.pass(60_000);
    lab.usage.countAnswer(pipeline, 1);
    await lab.pass(60_000);
    expect(lab.total('calls')).toBe(3);
    lab.loseAnswers = 1;
    lab.usage.countAnswer(pipeline, 1);
    await lab.pass(60_000);
    const ids = lab.sent.map(({ report }) => report.id);
    expect(new Set(ids).size).toBe(ids.length - 1);
    expect(lab.total('calls')).toBe(4);
  });

  it('goes on where the request that was to report was cut off', async () => {
    for (const cutAfter of [500, LIMITS.USAGE_FIRST_MS]) {
      const lab = createLab();
      lab.fail = 1;
      lab.usage.countAnswer(pipeline, 1);
      await lab.pass(cutAfter);
      lab.cut();
      await lab.pass(60_000);
      expect(lab.sent).toEqual([]);
      lab.fail = 0;
      lab.usage.countAnswer(pipeline, 1);
      await lab.pass(2000);
      expect(lab.total('calls')).toBe(2);
    }
  });

  it('bounds the origins of a report', async () => {
    const lab = createLab();
    for (let i = 0; i < 100; i += 1) lab.usage.countPage(pipeline, `host-${i}.example`);
    lab.usage.countPage(pipeline, null);
    await lab.pass(2000);
    const pages = lab.sent[0]?.report.pipelines[0]?.pages ?? [];
    expect(pages.length).toBe(LIMITS.PAGE_ORIGINS + 1);
    expect(pages.find(({ origin }) => origin === null)?.calls).toBe(101 - LIMITS.PAGE_ORIGINS);
  });

  it('loses and invents nothing, whatever fails', async () => {
    const step = fc.record({ calls: fc.nat(5), ms: fc.nat(20_000), fail: fc.nat(2), lose: fc.nat(1) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const lab = createLab();
        let made = 1;
        for (const { calls, ms, fail, lose } of steps) {
          lab.fail = fail;
          lab.loseAnswers = lose;
          for (let i = 0; i < calls; i += 1) lab.usage.countAnswer(pipeline, 1);
          made += calls;
          await lab.pass(ms);
        }
        lab.fail = 0;
        lab.loseAnswers = 0;
        await lab.pass(60_000);
        // What is left over goes with the next call.
        lab.usage.countAnswer(pipeline, 1);
        await lab.pass(60_000);
        expect(lab.total('calls')).toBe(made);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the daily cap', () => {
  const capped =
    (left: number, cap = 1000) =>
    (report: UsageReport) =>
      report.pipelines.map(({ model_id }) => ({ model_id, day: toDay(NOON), left, cap }));

  it('holds in the isolate alone, before any report', () => {
    const lab = createLab();
    const record = { ...pipeline, daily_cap: 3 };
    for (let i = 0; i < 3; i += 1) {
      expect(admitted(lab, record)).toBe(null);
      lab.usage.countAnswer(record, 1);
    }
    const refused = admitted(lab, record);
    expect(refused?.code).toBe('daily_limit');
    expect(refused?.details.headers).toEqual({ 'Retry-After': String(DAY_MS / 2 / 1000) });
  });

  it('holds by what the account answers, less what was counted meanwhile, until midnight', async () => {
    const lab = createLab();
    const record = { ...pipeline, daily_cap: 1000 };
    lab.verdict = capped(2);
    lab.usage.countAnswer(record, 1);
    await lab.pass(2000);
    lab.usage.countAnswer(record, 1);
    expect(admitted(lab, record)).toBe(null);
    lab.usage.countAnswer(record, 1);
    expect(admitted(lab, record)?.code).toBe('daily_limit');
    // Refused calls cost nothing, and are told: the answer may have changed.
    lab.usage.countFailure(record, 'daily_limit');
    lab.verdict = capped(500);
    await lab.pass(20_000);
    expect(admitted(lab, record)).toBe(null);
    lab.usage.countAnswer(record, 500);
    lab.verdict = capped(0);
    await lab.pass(20_000);
    expect(admitted(lab, record)?.code).toBe('daily_limit');
    await lab.pass(DAY_MS / 2);
    expect(admitted(lab, record)).toBe(null);
  });

  it('that was lowered is taken off once, whether the account or the record says so first', async () => {
    const lab = createLab();
    const before = { ...pipeline, daily_cap: 1000 };
    lab.usage.countAnswer(before, 1);
    lab.verdict = capped(99, 100);
    await lab.pass(2000);
    const after = { ...pipeline, daily_cap: 100 };
    expect(admitted(lab, after)).toBe(null);
    // An edge location that is behind, and then is not.
    expect(admitted(lab, { ...before })).toBe(null);
    expect(admitted(lab, { ...after })).toBe(null);
    lab.usage.countAnswer(after, 99);
    expect(admitted(lab, after)?.code).toBe('daily_limit');
  });

  it('rises with the cap in the record, and holds by its moment', () => {
    const lab = createLab();
    const record = { ...pipeline, daily_cap: 1 };
    lab.usage.countAnswer(record, 1);
    expect(admitted(lab, record)?.code).toBe('daily_limit');
    expect(admitted(lab, { ...pipeline, daily_cap: 2 })).toBe(null);
    expect(admitted(lab, { ...pipeline, daily_cap: 2, limited_until: NOON + 1 })?.code).toBe('daily_limit');
    expect(admitted(lab, { ...pipeline, daily_cap: 2, limited_until: NOON })).toBe(null);
  });
});

describe('the rate limit', () => {
  it('asks for every tenth call, by account and model, and takes the answer for the rest of the period', async () => {
    const keys: string[] = [];
    let success = true;
    const lab = createLab({
      async limit({ key }) {
        keys.push(key);
        return { success };
      },
    });
    for (let i = 0; i < 25; i += 1) expect(admitted(lab)).toBe(null);
    expect(keys).toEqual(['account_a/model_m', 'account_a/model_m']);
    success = false;
    for (let i = 0; i < 5; i += 1) expect(admitted(lab)).toBe(null);
    await lab.pass(0);
    const refused = admitted(lab);
    expect(refused?.code).toBe('rate_limited');
    expect(refused?.details.headers).toEqual({ 'Retry-After': '10' });
    await lab.pass(LIMITS.RATE_PERIOD_SECONDS * 1000);
    expect(admitted(lab)).toBe(null);
  });

  it('lets all through where the limiter does not answer', async () => {
    const lab = createLab({ limit: () => Promise.reject(new Error('down')) });
    for (let i = 0; i < 50; i += 1) {
      expect(admitted(lab)).toBe(null);
      await lab.pass(0);
    }
  });
});
