/**
 * The way around the queue (I9): when the outbox has overdue cancellations and the queue gives a worker no
 * jobs, the worker carries them out itself. That happens when somebody paused the queue, as any BullMQ
 * dashboard can, or when the queue lost its jobs. Several workers may then do the same cancellation; the
 * ledger settles it once (I6).
 */
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { CancelJob, CancelQueue } from './queue.ts';

export type PastQueueOptions = {
  queue: Pick<CancelQueue, 'untaken' | 'isPaused'>;
  /** Time since the worker's last job (ms). */
  idleMs: () => number;
  /** The idle time after which the worker goes around the queue; default 5 s. */
  limitMs?: number;
  carryOut: (job: CancelJob, signal: AbortSignal) => Promise<unknown>;
  signal: AbortSignal;
  log: Pick<Logger, 'info' | 'warn'>;
};

/** Cancellations at a time. */
const ABREAST = 10;
/** The least time between two warnings. */
const WARN_EVERY_MS = 30_000;

export class PastQueue {
  readonly #options: Required<PastQueueOptions>;
  readonly #underWay = new Set<string>();
  #warnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PastQueueOptions) {
    this.#options = { limitMs: 5_000, ...options };
  }

  /**
   * Starts the cancellations that no worker has taken, up to the limit, and does not wait for their end.
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
        `${overdue.length} cancellations are overdue and the cancel queue gives no jobs` +
          `${isPaused ? ': it is paused' : ''}; they are carried out without it`,
      );
    }
    for (const job of untaken) if (this.#underWay.size < ABREAST) void this.#carryOut(job);
  }

  async #carryOut(job: CancelJob): Promise<void> {
    const { victim } = job;
    const { carryOut, signal, log } = this.#options;
    if (this.#underWay.has(victim) || signal.aborted) return;
    this.#underWay.add(victim);
    try {
      await carryOut(job, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof WorkstealError && error.retriable) {
        log.info({ order: victim, message: error.message }, 'a cancellation will be retried');
      } else log.warn({ order: victim, err: error }, 'a cancellation failed and will be retried');
    } finally {
      this.#underWay.delete(victim);
    }
  }
}
