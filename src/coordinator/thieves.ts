/**
 * The process's queue of blocked thieves of one account. It takes the account's mutex once for a batch of
 * them and sends their steals together (a lock per thief costs 6 x the throughput and 70 x the tail). The
 * lock's release is sent, not awaited. The mutex is a courtesy: each steal names its value, and the ledger
 * refuses (`lock_lost`) where that is not there any more.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { type StealOutcome, steal } from '../ledger/commands/steal.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Held, Mutex } from '../mutex/mutex.ts';

export type ThievesOptions = {
  ledger: Ledger;
  mutex: Mutex;
  /** Until a committed thief must be renewed. */
  leaseMs: number;
  log: Pick<Logger, 'warn'>;
  /** Of this host's settings, which must be the account's; default '': not compared. */
  fingerprint?: string;
  /** Thieves of one mutex; default 32. */
  batch?: number;
  /**
   * How long the mutex is taken for; a batch takes a few ms. Default 2 s, which is how long the others wait
   * for a dead holder.
   */
  mutexMs?: number;
  /** After so many batches without the lock it is refused, `lock_lost`; default 3. */
  tries?: number;
};

type Thief = {
  wish: OrderWish;
  triesLeft: number;
  resolve: (outcome: StealOutcome) => void;
  reject: (error: unknown) => void;
};

const QUEUE_LIMIT = 10_000;
/**
 * After so many batches on end the other processes get a chance: release and next lock leave this one back to
 * back.
 */
const BATCHES_ON_END = 16;
/** Longer than the longest pause of a process that waits for the mutex. */
const CHANCE_MS = 10;

export class Thieves {
  readonly #options: Required<ThievesOptions>;
  readonly #key: string;
  #queue: Thief[] = [];
  #working: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: ThievesOptions) {
    this.#options = { fingerprint: '', batch: 32, mutexMs: 2_000, tries: 3, ...options };
    this.#key = key(options.ledger.account, 'mutex');
  }

  /**
   * The outcome of the thief's steal.
   * @throws WorkstealError as `steal` does; `timeout` when too many wait; the signal's reason when it aborts
   *   before its turn
   */
  async attempt(wish: OrderWish, signal: AbortSignal): Promise<StealOutcome> {
    signal.throwIfAborted();
    if (this.#queue.length >= QUEUE_LIMIT)
      throw new WorkstealError('timeout', `${QUEUE_LIMIT} thieves wait already`, { order: wish.id });
    let leave: (() => void) | undefined;
    try {
      return await new Promise<StealOutcome>((resolve, reject) => {
        const thief: Thief = { wish, triesLeft: this.#options.tries, resolve, reject };
        leave = () => {
          const at = this.#queue.indexOf(thief);
          if (at < 0) return; // its steal is under way: its outcome counts
          this.#queue.splice(at, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        this.#queue.push(thief);
        this.#working ??= this.#work();
      });
    } finally {
      if (leave !== undefined) signal.removeEventListener('abort', leave);
    }
  }

  /** Those who still wait are told so; a batch under way is finished. */
  async close(): Promise<void> {
    this.#stopping.abort(new WorkstealError('timeout', 'the coordinator was closed'));
    for (const thief of this.#queue.splice(0)) thief.reject(this.#stopping.signal.reason);
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let batches = 1; this.#queue.length > 0; batches += 1) {
      const held = await this.#lock();
      const batch = this.#queue.splice(0, this.#options.batch);
      if (held === undefined)
        for (const thief of batch) this.#again(thief, { outcome: 'lock_lost', wouldFight: [], numbers: {} });
      else {
        await Promise.all(batch.map((thief) => this.#steal(thief, held.value)));
        void held.release();
      }
      if (batches % BATCHES_ON_END === 0 && this.#queue.length > 0) await sleep(CHANCE_MS);
    }
    this.#working = undefined; // in the same turn that found the queue empty, so nobody is left in it
  }

  async #lock(): Promise<Held | undefined> {
    try {
      return await this.#options.mutex.acquire(this.#key, this.#options.mutexMs, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#options.log.warn(
          { err: error, thieves: this.#queue.length },
          'the steal mutex was not to be had',
        );
      return undefined;
    }
  }

  async #steal(thief: Thief, mutex: string): Promise<void> {
    try {
      const { ledger, leaseMs, fingerprint } = this.#options;
      const outcome = await steal(ledger, thief.wish, leaseMs, mutex, fingerprint);
      if (outcome.outcome === 'lock_lost') this.#again(thief, outcome);
      else thief.resolve(outcome);
    } catch (error) {
      thief.reject(error);
    }
  }

  #again(thief: Thief, outcome: StealOutcome): void {
    thief.triesLeft -= 1;
    if (this.#stopping.signal.aborted) thief.reject(this.#stopping.signal.reason);
    else if (thief.triesLeft <= 0) thief.resolve(outcome);
    else this.#queue.push(thief);
  }
}
