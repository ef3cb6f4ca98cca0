/**
 * Past the queue (I9): a worker that gets nothing from the queue while cancellations on record age carries
 * them out itself. So it is where somebody paused the queue, which any dashboard for BullMQ can, or where it
 * lost what it had. Several workers may do the same cancellation then; the ledger settles it once (I6).
 */
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { CancelJob, CancelQueue } from './queue.ts';

export type PastQueueOptions = {
  queue: Pick<CancelQueue, 'untaken' | 'isPaused'>;
  /** How long the worker got no job (ms). */
  idleMs: () => number;
  /** From when on it counts as getting nothing; default 5 s. */
  limitMs?: number;
  carryOut: (victim: string, signal: AbortSignal) => Promise<unknown>;
  signal: AbortSignal;
  log: Pick<Logger, 'info' | 'warn'>;
};

/** Carried out at a time. */
const ABREAST = 10;
/** Between two warnings. */
const WARN_EVERY_MS = 30_000;

export class PastQueue {
  readonly #options: Required<PastQueueOptions>;
  readonly #underWay = new Set<string>();
  #warnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PastQueueOptions) {
    this.#options = { limitMs: 5_000, ...options };
  }

  /**
   * Begins what no worker has taken, as many as may be under way; they end by themselves.
   * @param overdue oldest first
   */
  async take(overdue: readonly CancelJob[]): Promise<void> {
    const { queue, idleMs, limitMs, log } = this.#options;
    if (idleMs() < limitMs) return;
    const untaken = await queue.untaken(overdue, ABREAST);
    if (untaken.length === 0) return;
    const nowMs = performance.now();
    if (nowMs - this.#warnedAtMs >= WARN_EVERY_MS) {
      this.#warnedAtMs = nowMs;
      const isPaused = await queue.isPaused();
      log.warn(
        { overdue: overdue.length, isPaused },
        `${overdue.length} cancellations on record wait and the cancel queue gives none${isPaused ? ': it is paused' : ''}; they are carried out past it`,
      );
    }
    for (const { victim } of untaken) if (this.#underWay.size < ABREAST) void this.#carryOut(victim);
  }

  async #carryOut(victim: string): Promise<void> {
    const { carryOut, signal, log } = this.#options;
    if (this.#underWay.has(victim) || signal.aborted) return;
    this.#underWay.add(victim);
    try {
      await carryOut(victim, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof WorkstealError && error.retriable) {
        log.info({ order: victim, message: error.message }, 'a cancellation is tried again');
      } else log.warn({ order: victim, err: error }, 'a cancellation failed, it is tried again');
    } finally {
      this.#underWay.delete(victim);
    }
  }
}
