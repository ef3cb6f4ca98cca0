/**
 * Refusals by reason in steps of ten seconds. Of those before the mirror looked, the last of each plan alone
 * is known.
 */
import { EVERY_MS } from '../history/capacity.ts';
import { type LastRefusal, RefusalSteps, readRefusals } from '../history/refusals.ts';
import { ledgerTimeOf, serverTimeOf } from '../history/times.ts';
import type { Refused } from '../json/history.ts';
import { answerOf } from '../ledger/answer.ts';
import type { ClockReading } from '../ledger/clock-reading.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Of those before, the latest are read; of all, so many are compared with. */
const READ_BEFORE = 2_000;
const KNOWN = 10_000;

export class PastRefusals {
  readonly #ledger: Ledger;
  readonly #counts = new RefusalSteps(EVERY_MS);
  /** How often each was refused when it was looked at last. */
  readonly #times = new Map<string, number>();
  #steps: readonly Refused[] = [];
  #isLoaded = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get steps(): readonly Refused[] {
    return this.#steps;
  }

  /** Once: later calls change nothing. @throws WorkstealError `unavailable` */
  async load(clock: ClockReading, keptMs: number): Promise<void> {
    if (this.#isLoaded) return;
    const { redis, account } = this.#ledger;
    const from = ledgerTimeOf(clock.healthMs - keptMs, clock);
    const latest = redis.zrevrange(key(account, 'refusals'), 0, READ_BEFORE - 1);
    for (const last of await readRefusals(this.#ledger, await answerOf('refusals', latest))) {
      if (last.atMs >= from) this.#counts.add(serverTimeOf(last.atMs, clock), last.reason, 1);
      this.#know(last);
    }
    this.#isLoaded = true;
    this.#steps = this.#counts.steps();
  }

  /** @param ids those that were refused since the last time @throws WorkstealError `unavailable` */
  async note(ids: readonly string[], { healthMs }: ClockReading): Promise<void> {
    if (ids.length === 0 || !this.#isLoaded) return;
    for (const last of await readRefusals(this.#ledger, ids)) {
      const before = this.#times.get(last.id) ?? 0;
      // The record was made anew when it is fewer than before.
      this.#counts.add(healthMs, last.reason, last.times < before ? last.times : last.times - before);
      this.#know(last);
    }
    this.#steps = this.#counts.steps();
  }

  since(ms: number): void {
    const first = this.#steps[0];
    if (first === undefined || first.atMs + EVERY_MS > ms) return;
    this.#counts.since(ms);
    this.#steps = this.#counts.steps();
  }

  #know({ id, times }: LastRefusal): void {
    this.#times.delete(id);
    this.#times.set(id, times);
    const oldest = this.#times.keys().next().value;
    if (this.#times.size > KNOWN && oldest !== undefined) this.#times.delete(oldest);
  }
}
