/**
 * A BullMQ worker on the account's cancel queue. Nothing depends on a job's result: a stalled job runs twice,
 * and the ledger settles the order once (I6).
 */
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { connect } from '../redis/connect.ts';
import type { Cancelled, CancelOptions } from './cancel-order.ts';
import { carryOut } from './carry-out.ts';
import { CANCEL_QUEUE, CancelJob, isLongWait, queuePrefix, readJob, retryPauseMs } from './queue.ts';

export type WorkerOptions = Omit<CancelOptions, 'log'> & {
  url: string;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Cancellations at a time; default 50. */
  concurrency?: number;
  /** Called at each job's end, with the time since it was enqueued (ms). */
  onDone?: (outcome: Cancelled['outcome'] | 'failed', ms: number) => void;
};

/** Another worker gets a dead worker's jobs within LOCK_MS + STALLED_MS. */
const LOCK_MS = 2_000;
const STALLED_MS = 1_000;
/**
 * A connection that is silent for longer is closed. It must be above BullMQ's own wait for the next job,
 * which lasts DRAIN_SECONDS, or until the next retry is due (10 s at most).
 */
const SILENCE_LIMIT_MS = 12_000;
/** How long it waits for the notice of a new job before it checks the queue: a notice may get lost. */
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
    // BullMQ duplicates this connection: a worker that closes while Redis is down must stop reconnecting.
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
      const asked = readJob(job.data);
      const { signal: stop } = this.#stopping;
      const bound = signal === undefined ? stop : AbortSignal.any([stop, signal]);
      try {
        return await carryOut(options, asked, bound);
      } catch (error) {
        if (isLongWait(error) && asked.waited !== true) await job.updateData({ ...job.data, waited: true });
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
        log.info({ ...facts, message: error.message }, 'a cancellation will be retried');
      else if (error instanceof UnrecoverableError)
        log.warn({ ...facts, job: job?.id, err: error }, 'a malformed cancel job was discarded');
      else if (!this.#stopping.signal.aborted)
        log.warn({ ...facts, err: error }, 'a cancellation failed and will be retried');
      onDone('failed', job === undefined ? 0 : (job.finishedOn ?? job.timestamp) - job.timestamp);
    });
  }

  /**
   * Resolves when the worker is connected and takes jobs, or when the signal aborts: while Redis is down it
   * never connects.
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
    connected.catch(() => {}); // it may reject when the worker is closed
  }

  /** Is it connected, and does it take jobs? */
  get isTaking(): boolean {
    return this.#worker.isRunning() && !this.#worker.isPaused() && this.#redis.status === 'ready';
  }

  /** Time since the last job (ms). */
  idleMs(): number {
    return performance.now() - this.#lastJobAtMs;
  }

  /**
   * Takes no more jobs and aborts the waits of active ones; another worker does what is left. Returns within
   * CLOSE_LIMIT_MS.
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
