/**
 * The queue of cancellations, which brings work to a free worker. It is not the record of that work: the
 * ledger's outbox holds every cancellation until it is settled (I9). A lost job is enqueued again, and a
 * duplicate job finds nothing to do.
 */
import { Queue, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { keyPrefix } from '../ledger/keys.ts';
import { connect } from '../redis/connect.ts';

export const CANCEL_QUEUE = 'cancel';

/**
 * A job's data: the order to cancel (`victim`), and the steal that takes its room; `cancel` where the order's
 * own watcher cancels it. `waited`: the broker accepted the request, and the order had not ended when the
 * last attempt timed out. `traceparent`: of the trace that it belongs to; what can't be read is left out.
 */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not an id');
const traceparent = z.string().max(55).optional().catch(undefined);
export const CancelJob = z.object({ steal: id, victim: id, waited: z.boolean().optional(), traceparent });
export type CancelJob = z.infer<typeof CancelJob>;

/**
 * Checks a job's data.
 * @throws UnrecoverableError where it is malformed: a retry would fail as well
 */
export function readJob(data: unknown): CancelJob {
  const parsed = CancelJob.safeParse(data);
  if (parsed.success) return parsed.data;
  const { path = [], message = 'cannot be read' } = parsed.error.issues[0] ?? {};
  throw new UnrecoverableError(
    `invalid: malformed cancel job: ${[path.join('.'), message].filter((part) => part !== '').join(' ')}`,
  );
}

/** Attempts of one job; then it is removed, and recovery enqueues it again from the outbox. */
const ATTEMPTS = 20;
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;
/** The pauses for an order that the broker takes long to cancel. */
const WAIT_MS = 5_000;
const WAIT_MAX_MS = 60_000;
/** A retry that is overdue by this long on the server's clock waits for a host whose clock is behind. */
const OVERDUE_MS = 2_000;
/**
 * The score of a delayed BullMQ job: the time at which it is due, on the clock of the host that delayed it,
 * times this factor, plus a counter.
 */
const SCORE_PER_MS = 0x1000;
const ENQUEUE_LIMIT_MS = 2_000;

/**
 * The backoff before attempt `made + 1`: 100 ms, doubled up to 5 s; where the order takes long to end, 5 s,
 * doubled up to 60 s.
 */
export function retryPauseMs(made: number, failure?: Error): number {
  const doubled = 2 ** Math.min(made - 1, 10);
  if (isLongWait(failure)) return Math.min(WAIT_MAX_MS, WAIT_MS * doubled);
  return Math.min(RETRY_MAX_MS, RETRY_MS * doubled);
}

/** Whether the broker accepted the cancellation and the order has not ended yet. */
export function isLongWait(failure: unknown): boolean {
  return (
    failure instanceof WorkstealError &&
    failure.code === 'timeout' &&
    failure.details['waitsFor'] === 'broker'
  );
}

/** BullMQ's prefix, which puts the queue's keys (`ws:{account}:cancel:...`) into the ledger's slot. */
export function queuePrefix(account: string): string {
  return keyPrefix(account).slice(0, -1);
}

/**
 * The job id of a cancellation, the same wherever it is enqueued. Order ids contain no `.`, so no two
 * cancellations share a job id.
 */
export function jobIdOf({ steal, victim }: CancelJob): string {
  return `${steal}.${victim}`;
}

export class CancelQueue {
  readonly #redis: Redis;
  readonly #queue: Queue<CancelJob>;

  constructor(url: string, account: string) {
    this.#redis = connect(url, account, { maxRetriesPerRequest: 1, commandTimeout: ENQUEUE_LIMIT_MS });
    this.#redis.on('error', () => {}); // each enqueue reports its own failure
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
   * Enqueues all victims of a steal at once; jobs that exist already stay as they are.
   * @throws WorkstealError `unavailable` where Redis did not answer within 2 s: recovery will enqueue them
   */
  async enqueue(steal: string, victims: readonly string[], traceparent = ''): Promise<void> {
    const trace = traceparent === '' ? {} : { traceparent };
    await this.#bounded(victims.length, this.#add(victims.map((victim) => ({ steal, victim, ...trace }))));
  }

  /**
   * Recovery: as `enqueue`, for the cancellations of many steals. BullMQ ignores a job whose id exists, so
   * old jobs are cleared first: a finished job that was kept is removed, and a job that a host with a wrong
   * clock delayed too long is promoted.
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
   * The jobs that no worker has taken: neither active nor delayed for a retry. Looks at the first `limit`
   * jobs and keeps their order.
   */
  async untaken(jobs: readonly CancelJob[], limit: number): Promise<CancelJob[]> {
    const some = jobs.slice(0, limit);
    const states = await Promise.all(some.map((job) => this.#queue.getJobState(jobIdOf(job))));
    return some.filter((_, at) => states[at] !== 'active' && states[at] !== 'delayed');
  }

  /** BullMQ's own queue, for those who look at it. */
  get queue(): Queue<CancelJob> {
    return this.#queue;
  }

  /** Whether somebody paused the queue; any BullMQ dashboard can. */
  async isPaused(): Promise<boolean> {
    return await this.#queue.isPaused();
  }

  async #add(jobs: readonly CancelJob[]): Promise<void> {
    const entries = jobs.map((job) => ({ name: 'cancel', data: job, opts: { jobId: jobIdOf(job) } }));
    const [first] = entries;
    if (first === undefined) return;
    // BullMQ writes a single job sooner than a pipeline of one.
    if (entries.length === 1) await this.#queue.add(first.name, first.data, first.opts);
    else await this.#queue.addBulk(entries);
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
    await job?.promote().catch(() => {}); // it may be active by now
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
        `the cancel queue did not accept ${jobs} jobs: ${(error as Error).message}`,
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
