/**
 * The queue of cancellations: how work reaches a free worker soon. It remembers nothing: what has to be
 * cancelled stands in the ledger's outbox until it is settled (I9), so a lost job is enqueued again and a job
 * too many finds nothing to do.
 */
import { Queue, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { keyPrefix } from '../ledger/keys.ts';
import { connect } from '../redis/connect.ts';

export const CANCEL_QUEUE = 'cancel';

/**
 * A job's data: the order to cancel, and the steal that takes its room (`cancel` when its own watcher wants
 * it gone). `waited`: the broker took the request, and the order had not ended when the last try gave up.
 */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no id');
export const CancelJob = z.object({ steal: id, victim: id, waited: z.boolean().optional() });
export type CancelJob = z.infer<typeof CancelJob>;

/**
 * A job's data, checked.
 * @throws UnrecoverableError for data that is none: no other try would find it mended
 */
export function readJob(data: unknown): CancelJob {
  const parsed = CancelJob.safeParse(data);
  if (parsed.success) return parsed.data;
  const { path = [], message = 'can not be read' } = parsed.error.issues[0] ?? {};
  throw new UnrecoverableError(
    `invalid: a cancel job that is none: ${[path.join('.'), message].filter((part) => part !== '').join(' ')}`,
  );
}

/** Tries of one job; then it is forgotten, and recovery enqueues it anew from the outbox. */
const ATTEMPTS = 20;
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;
/** Of an order that the broker takes long to cancel. */
const WAIT_MS = 5_000;
const WAIT_MAX_MS = 60_000;
/** A retry that is due by the server's time for so long waits for a host whose clock is behind. */
const OVERDUE_MS = 2_000;
/**
 * BullMQ's delayed jobs are sorted by the time at which they are due, on the clock of the host that put them
 * off, and a counter.
 */
const SCORE_PER_MS = 0x1000;
const ENQUEUE_LIMIT_MS = 2_000;

/**
 * The pause before try `made + 1`: 100 ms, doubled up to 5 s; where the order only takes long to end, 5 s,
 * doubled up to 60 s.
 */
export function retryPauseMs(made: number, failure?: Error): number {
  const doubled = 2 ** Math.min(made - 1, 10);
  if (isLongWait(failure)) return Math.min(WAIT_MAX_MS, WAIT_MS * doubled);
  return Math.min(RETRY_MAX_MS, RETRY_MS * doubled);
}

/** The broker took the cancellation, and the order has not ended yet. */
export function isLongWait(failure: unknown): boolean {
  return (
    failure instanceof WorkstealError &&
    failure.code === 'timeout' &&
    failure.details['waitsFor'] === 'broker'
  );
}

/** What of the account's key space is the queue's: `ws:{account}:cancel:...`, in the ledger's slot. */
export function queuePrefix(account: string): string {
  return keyPrefix(account).slice(0, -1);
}

/**
 * The same for the same cancellation, at whatever hop: `.` stands in no order id, so no two cancellations
 * share one.
 */
export function jobIdOf({ steal, victim }: CancelJob): string {
  return `${steal}.${victim}`;
}

export class CancelQueue {
  readonly #redis: Redis;
  readonly #queue: Queue<CancelJob>;

  constructor(url: string, account: string) {
    this.#redis = connect(url, account, { maxRetriesPerRequest: 1, commandTimeout: ENQUEUE_LIMIT_MS });
    this.#redis.on('error', () => {}); // each enqueue tells of its own failure
    this.#queue = new Queue<CancelJob>(CANCEL_QUEUE, {
      connection: this.#redis,
      prefix: queuePrefix(account),
      defaultJobOptions: {
        attempts: ATTEMPTS,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
      },
    });
    this.#queue.on('error', () => {});
  }

  /**
   * All victims of a steal at once; those that wait or are worked on already stay as they are.
   * @throws WorkstealError `unavailable` when Redis did not take them within 2 s: recovery will
   */
  async enqueue(steal: string, victims: readonly string[]): Promise<void> {
    await this.#bounded(victims.length, this.#add(victims.map((victim) => ({ steal, victim }))));
  }

  /**
   * Recovery: as `enqueue`, for the cancellations of many steals. A job under the same id, which BullMQ would
   * take for the same, does not stand in the way: not one that ended and was kept, nor one that a host put
   * off until its own clock, or ours, will say that it is due.
   * @throws WorkstealError `unavailable` as above
   */
  async enqueueAll(jobs: readonly CancelJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const again = async (): Promise<void> => {
      const [seconds] = await this.#redis.time();
      await Promise.all(jobs.map((job) => this.#clearWay(jobIdOf(job), Number(seconds) * 1_000)));
      await this.#add(jobs);
    };
    await this.#bounded(jobs.length, again());
  }

  /**
   * Those that no worker has taken: neither under way nor put off for another try. Of at most `limit`, in
   * this order.
   */
  async untaken(jobs: readonly CancelJob[], limit: number): Promise<CancelJob[]> {
    const some = jobs.slice(0, limit);
    const states = await Promise.all(some.map((job) => this.#queue.getJobState(jobIdOf(job))));
    return some.filter((_, at) => states[at] !== 'active' && states[at] !== 'delayed');
  }

  /** Did somebody pause the queue? Any dashboard for BullMQ can. */
  async isPaused(): Promise<boolean> {
    return await this.#queue.isPaused();
  }

  async #add(jobs: readonly CancelJob[]): Promise<void> {
    if (jobs.length > 0)
      await this.#queue.addBulk(
        jobs.map((job) => ({ name: 'cancel', data: job, opts: { jobId: jobIdOf(job) } })),
      );
  }

  /** `nowMs`: the server's time, to the second. */
  async #clearWay(id: string, nowMs: number): Promise<void> {
    const state = await this.#queue.getJobState(id);
    if (state === 'failed' || state === 'completed') return void (await this.#queue.remove(id));
    if (state !== 'delayed') return;
    const score = await this.#redis.zscore(this.#queue.toKey('delayed'), id);
    const lateMs = nowMs - Number(score ?? 0) / SCORE_PER_MS;
    if (score === null || (lateMs < OVERDUE_MS && lateMs > -RETRY_MAX_MS - 1_000)) return;
    const job = await this.#queue.getJob(id);
    if (job?.data.waited === true && lateMs < OVERDUE_MS && lateMs > -WAIT_MAX_MS - 1_000) return;
    await job?.promote().catch(() => {}); // it may be under way by now
  }

  async #bounded(jobs: number, adding: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${ENQUEUE_LIMIT_MS} ms`)),
        ENQUEUE_LIMIT_MS,
      );
    });
    try {
      await Promise.race([adding, late]);
    } catch (error) {
      adding.catch(() => {});
      throw new WorkstealError(
        'unavailable',
        `the cancel queue did not take ${jobs} jobs: ${(error as Error).message}`,
        {},
        error,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => {});
    this.#redis.disconnect();
  }
}
