/**
 * When to reconcile: on a schedule and on request, one round at a time. Requests during a round cause one
 * more round.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export type ReconcileScheduleOptions = {
  /** @returns whether there should be another round soon */
  round: (reasons: readonly string[], signal: AbortSignal) => Promise<boolean>;
  onFailure: (error: unknown, reasons: readonly string[]) => void;
  /** From one round's start to the next, without a request. */
  everyMs: number;
  monotonicMs: () => number;
};

/**
 * A requested round begins at once, but rounds in a row have growing gaps, so many requests can't use up the
 * account's rate limit.
 */
const FIRST_GAP_MS = 50;
const LAST_GAP_MS = 2_000;

export class ReconcileSchedule {
  readonly #parts: ReconcileScheduleOptions;
  readonly #reasons = new Set<string>();
  #asked = Promise.withResolvers<void>();

  constructor(parts: ReconcileScheduleOptions) {
    this.#parts = parts;
  }

  /** Requests a round. @param reason one word */
  ask(reason: string): void {
    this.#reasons.add(reason);
    this.#asked.resolve();
  }

  /** Begins with a round; resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { round, onFailure, everyMs, monotonicMs } = this.#parts;
    let inARow = 0;
    while (!signal.aborted) {
      const reasons = [...this.#reasons];
      this.#reasons.clear();
      this.#asked = Promise.withResolvers();
      const startedMs = monotonicMs();
      try {
        if (await round(reasons, signal)) this.ask('seen_once');
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error, reasons);
        for (const reason of reasons) this.ask(reason);
        this.ask('failed');
      }
      const gapMs = Math.min(LAST_GAP_MS, everyMs, FIRST_GAP_MS * 2 ** inARow);
      await pause(gapMs, signal);
      await this.#next(startedMs + everyMs - monotonicMs(), signal);
      inARow = monotonicMs() - startedMs > LAST_GAP_MS + gapMs ? 0 : Math.min(inARow + 1, 10);
    }
  }

  async #next(leftMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.#asked.promise, pause(leftMs, AbortSignal.any([signal, over.signal]))]);
    over.abort();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}
