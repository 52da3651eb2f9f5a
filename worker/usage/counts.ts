// Numbers of one pipeline that no report has told yet. Bounded whatever comes: by hours, by the codes there are, and by
// PAGE_ORIGINS.
import { LIMITS } from '../limits.ts';
import type { HourCount, Outcome, PageCount, PipelineUsage } from '../pipeline/usage.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Counts {
  readonly #hours = new Map<number, Map<Outcome, Mutable<HourCount>>>();
  readonly #pages = new Map<string, Mutable<PageCount>>();
  /** Pages that say where they come from. */
  #origins = 0;

  add(hour: number, outcome: Outcome, calls: number, predictions: number, counted: number): void {
    const count = this.#hours.get(hour)?.get(outcome) ?? this.#begin(hour, outcome);
    count.calls += calls;
    count.predictions += predictions;
    count.counted += counted;
  }

  #begin(hour: number, outcome: Outcome): Mutable<HourCount> {
    const count = { hour, outcome, calls: 0, predictions: 0, counted: 0 };
    const ofHour = this.#hours.get(hour) ?? new Map<Outcome, Mutable<HourCount>>();
    this.#hours.set(hour, ofHour.set(outcome, count));
    return count;
  }

  addPage(rotation: number, origin: string | null, at: number): void {
    const known = this.#pages.get(toKey(rotation, origin));
    const isNew = known === undefined && origin !== null;
    const isRoom = !isNew || this.#origins < LIMITS.PAGE_ORIGINS;
    if (isNew && isRoom) this.#origins += 1;
    const shown = isRoom ? origin : null;
    const key = toKey(rotation, shown);
    const page = this.#pages.get(key) ?? { rotation, origin: shown, calls: 0, last_at: at };
    page.calls += 1;
    page.last_at = at;
    this.#pages.set(key, page);
  }

  /** @returns what was counted; it counts from nothing afterwards. */
  take(modelId: string): PipelineUsage {
    const hours = [...this.#hours.values()].flatMap((ofHour) => [...ofHour.values()]);
    const pages = [...this.#pages.values()];
    this.#hours.clear();
    this.#pages.clear();
    this.#origins = 0;
    return { model_id: modelId, hours, pages };
  }
}

const toKey = (rotation: number, origin: string | null): string => `${rotation} ${origin ?? ''}`;
