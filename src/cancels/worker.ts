/**
 * A BullMQ worker on the account's cancel queue. A job's result is nobody's source of truth: a stalled job
 * runs twice, and the ledger settles once (I6).
 */
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { connect } from '../redis/connect.ts';
import { type Cancelled, type CancelOptions, cancelOrder } from './cancel-order.ts';
import { CANCEL_QUEUE, CancelJob, isLongWait, queuePrefix, readJob, retryPauseMs } from './queue.ts';

export type WorkerOptions = Omit<CancelOptions, 'log'> & {
  url: string;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Cancellations at a time; default 50. */
  concurrency?: number;
  /** Told of each job's end and how long it took, from its enqueueing. */
  onDone?: (outcome: Cancelled['outcome'] | 'failed', ms: number) => void;
};

/** A dead worker's jobs are another's after LOCK_MS + STALLED_MS at the latest. */
const LOCK_MS = 2_000;
const STALLED_MS = 1_000;
/**
 * BullMQ waits on its connection for the next job, DRAIN_SECONDS or until the next retry is due (10 s at
 * most): below this, or the wait would be taken for a connection that was forgotten.
 */
const SILENCE_LIMIT_MS = 12_000;
/** How long it waits for word of a job before it looks for itself: the word may get lost on the way. */
const DRAIN_SECONDS = 1;
const CLOSE_LIMIT_MS = 5_000;
const RECONNECT_MS = 25;
const RECONNECT_MAX_MS = 1_000;

export class CancelWorker {
  readonly #redis: Redis;
  readonly #worker: Worker<CancelJob, Cancelled>;
  readonly #stopping = new AbortController();
  #lastJobAtMs = performance.now();

  constructor(options: WorkerOptions) {
    const { url, ledger, log, concurrency = 50, onDone = () => {} } = options;
    // BullMQ's own connections are duplicates of this one: a worker that closes while Redis is away must not
    // try to reach it for ever.
    const retryStrategy = (tries: number): number | null => {
      return this.#stopping.signal.aborted
        ? null
        : Math.min(RECONNECT_MAX_MS, RECONNECT_MS * 2 ** Math.min(tries, 10));
    };
    this.#redis = connect(url, ledger.account, {
      maxRetriesPerRequest: null,
      retryStrategy,
      socketTimeout: SILENCE_LIMIT_MS,
    });
    this.#redis.on('error', () => {});
    const work = async (
      job: Job<CancelJob, Cancelled>,
      _token?: string,
      signal?: AbortSignal,
    ): Promise<Cancelled> => {
      this.#lastJobAtMs = performance.now();
      const { victim, waited } = readJob(job.data);
      const { signal: stop } = this.#stopping;
      const bound = signal === undefined ? stop : AbortSignal.any([stop, signal]);
      try {
        return await cancelOrder(options, victim, bound, waited);
      } catch (error) {
        if (isLongWait(error) && waited !== true) await job.updateData({ ...job.data, waited: true });
        throw error;
      }
    };
    this.#worker = new Worker<CancelJob, Cancelled>(CANCEL_QUEUE, work, {
      connection: this.#redis,
      prefix: queuePrefix(ledger.account),
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: 10,
      drainDelay: DRAIN_SECONDS,
      settings: { backoffStrategy: (made, _type, failure) => retryPauseMs(made, failure) },
    });
    this.#worker.on('error', (error) => log.debug({ err: error }, 'cancel worker'));
    this.#worker.on('completed', (job, { outcome }) =>
      onDone(outcome, (job.finishedOn ?? job.timestamp) - job.timestamp),
    );
    this.#worker.on('failed', (job, error) => {
      const { victim: order, steal } = CancelJob.safeParse(job?.data).data ?? {};
      const facts = { order, steal, tries: job?.attemptsMade };
      if (error instanceof WorkstealError && error.retriable)
        log.info({ ...facts, message: error.message }, 'a cancellation is tried again');
      else if (error instanceof UnrecoverableError)
        log.warn({ ...facts, job: job?.id, err: error }, 'a cancel job was thrown away');
      else if (!this.#stopping.signal.aborted)
        log.warn({ ...facts, err: error }, 'a cancellation failed, it is tried again');
      onDone('failed', job === undefined ? 0 : (job.finishedOn ?? job.timestamp) - job.timestamp);
    });
  }

  /**
   * Takes jobs from now on: resolves when it is connected, or when the signal aborts: while Redis is away it
   * would never be.
   */
  async ready(signal?: AbortSignal): Promise<void> {
    const connected = this.#worker.waitUntilReady();
    if (signal === undefined) return void (await connected);
    const over = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
    });
    await Promise.race([connected, aborted]);
    over.abort();
    connected.catch(() => {}); // it may fail when the worker is closed
  }

  /** How long it got no job (ms). */
  idleMs(): number {
    return performance.now() - this.#lastJobAtMs;
  }

  /**
   * Takes no more jobs and gives up the pauses of those under way; what is left is done by another worker.
   * Bounded.
   */
  async close(): Promise<void> {
    this.#stopping.abort(new WorkstealError('timeout', 'the worker is closing'));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    });
    await Promise.race([this.#worker.close(), late]).catch(() => {});
    clearTimeout(timer);
    this.#redis.disconnect();
  }
}
