/**
 * Recovery (I9). The process that commits a cancellation enqueues it at once. If that process dies before,
 * any process that runs this relay finds the entry in the outbox and enqueues it. The ledger writes an entry
 * in the step that chooses the victims, and removes it when all of them are settled.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { isFinal, type OrderState } from '../domain/order.ts';
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CancelJob, CancelQueue } from './queue.ts';

export type RelayOptions = {
  ledger: Ledger;
  queue: Pick<CancelQueue, 'enqueueAll'>;
  log: Pick<Logger, 'info' | 'warn'>;
  /**
   * Called on each pass with the cancellations whose entries are older than `overdueMs` (default 5 s), oldest
   * first.
   */
  onOverdue?: (jobs: readonly CancelJob[]) => Promise<void>;
  overdueMs?: number;
  /**
   * Younger entries are left to the process that committed them; default 500 ms, so that with one pass per
   * second all are enqueued within 2 s.
   */
  minAgeMs?: number;
  /** Default 1 s. */
  everyMs?: number;
};

/** Entries per pass. The next pass continues where this one stopped, so that every entry gets its turn. */
const PASS_LIMIT = 500;

export class Relay {
  readonly #options: Required<RelayOptions>;
  #after = '-';

  constructor(options: RelayOptions) {
    this.#options = {
      minAgeMs: 500,
      everyMs: 1_000,
      overdueMs: 5_000,
      onOverdue: async () => {},
      ...options,
    };
  }

  /**
   * Enqueues the cancellations of old entries that have not ended; returns their number, those with a job
   * included.
   */
  async pass(): Promise<number> {
    const { ledger, queue, minAgeMs, overdueMs, onOverdue } = this.#options;
    const { redis } = ledger;
    const [seconds, micros] = await answerOf('time', redis.time());
    // An entry's id is the server's time of its writing, whatever clock the rules run on.
    const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    const until = nowMs - minAgeMs;
    const reading = redis.xrange(
      key(ledger.account, 'outbox'),
      this.#after,
      String(until),
      'COUNT',
      PASS_LIMIT,
    );
    const entries = await answerOf('outbox', reading);
    const last = entries.at(-1)?.[0];
    this.#after = last !== undefined && entries.length === PASS_LIMIT ? `(${last}` : '-';
    const jobs = entries.flatMap(([id, fields]) =>
      readEntry(fields).map((job) => ({ job, ageMs: nowMs - Number.parseInt(id, 10) })),
    );
    const open = await this.#stillOpen(jobs);
    await queue.enqueueAll(open.map(({ job }) => job));
    const overdue = open.filter(({ ageMs }) => ageMs >= overdueMs).map(({ job }) => job);
    if (overdue.length > 0) await onOverdue(overdue);
    return open.length;
  }

  /** Makes a pass every `everyMs` until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, everyMs } = this.#options;
    while (!signal.aborted) {
      try {
        await this.pass();
      } catch (error) {
        log.warn({ err: error }, 'outbox: a pass failed');
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Leaves out orders that have ended; their entry stays while another of its victims has not. */
  async #stillOpen<T extends { job: CancelJob }>(jobs: readonly T[]): Promise<T[]> {
    if (jobs.length === 0) return [];
    const { ledger } = this.#options;
    const pipeline = ledger.redis.pipeline();
    for (const { job } of jobs) pipeline.hget(key(ledger.account, `order:${job.victim}`), 'state');
    const states = (await answerOf('orders', pipeline.exec())) ?? [];
    return jobs.filter((_, at) => {
      const [error, state] = states[at] ?? [];
      if (error) throw new WorkstealError('unavailable', `orders: ${error.message}`, {}, error);
      return typeof state === 'string' && !isFinal(state as OrderState);
    });
  }
}

/**
 * `steal <id> victims "a b"`, or `cancel <id> victims <id>`, and `traceparent` where it is traced
 * (lua/steal.lua, lua/cancel.lua).
 */
function readEntry(flat: readonly string[]): CancelJob[] {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] as string, flat[i + 1] as string);
  const steal = fields.get('steal') ?? 'cancel';
  const traceparent = fields.get('traceparent');
  const trace = traceparent === undefined ? {} : { traceparent };
  return (fields.get('victims') ?? '')
    .split(' ')
    .flatMap((victim) => (victim === '' ? [] : [{ steal, victim, ...trace }]));
}
