/**
 * This process's queue of an account's blocked thieves. It holds the account's mutex for some ms and keeps
 * several steals under way meanwhile: with a lock per thief, throughput is 6 times lower and the slowest
 * steals take 70 times longer. The mutex only saves work. Each steal names the mutex's value, and the ledger
 * refuses (`lock_lost`) when the mutex has another value.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { type StealOutcome, steal } from '../ledger/commands/steal.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Held, Mutex } from '../mutex/mutex.ts';

export type StealQueueOptions = {
  ledger: Ledger;
  mutex: Mutex;
  /** How long a committed thief lasts without renewal. */
  leaseMs: number;
  log: Pick<Logger, 'warn'>;
  /** Of this host's settings, which must equal the account's; default '': not compared. */
  fingerprint?: string;
  /** Steals under way at once; default 32. */
  atOnce?: number;
  /**
   * How long the mutex is taken for; it is given back after some ms. Others wait this long for a dead holder.
   * Default 2 s.
   */
  mutexMs?: number;
  /** After this long no further steal begins, and the mutex is given back; default 20 ms. */
  holdMs?: number;
  /** Told how long it waited for the mutex each time, ms, whether it got it or not. */
  onLockWait?: (ms: number) => void;
  /** Times without the lock after which a thief is refused, `lock_lost`; default 3. */
  tries?: number;
};

/** A time for which this process has the mutex. */
type Hold = { value: string; untilMs: number; isLost: boolean };

type Thief = {
  wish: OrderWish;
  traceparent: string;
  triesLeft: number;
  resolve: (outcome: StealOutcome) => void;
  reject: (error: unknown) => void;
};

const QUEUE_LIMIT = 10_000;
/**
 * After this many holds in a row, other processes get a chance to take the mutex: this one would release it
 * and take it again at once.
 */
const HOLDS_IN_A_ROW = 8;
/**
 * Longer than the longest pause between two attempts to take the mutex, where no more than a few hosts wait;
 * where many do, one of them tries within it.
 */
const YIELD_MS = 10;

export class StealQueue {
  readonly #options: Required<StealQueueOptions>;
  readonly #key: string;
  #queue: Thief[] = [];
  #working: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: StealQueueOptions) {
    this.#options = {
      fingerprint: '',
      atOnce: 32,
      mutexMs: 2_000,
      holdMs: 20,
      tries: 3,
      onLockWait: () => {},
      ...options,
    };
    this.#key = key(options.ledger.account, 'mutex');
  }

  /**
   * The outcome of the thief's steal.
   * @param traceparent the span in which it is tried; '': nothing is traced
   * @throws WorkstealError as `steal` does; `timeout` when the queue is full; the signal's reason when it
   *   aborts while queued
   */
  async attempt(wish: OrderWish, signal: AbortSignal, traceparent = ''): Promise<StealOutcome> {
    signal.throwIfAborted();
    if (this.#queue.length >= QUEUE_LIMIT)
      throw new WorkstealError(
        'timeout',
        `the steal queue is full (${QUEUE_LIMIT} thieves wait); try again later`,
        { order: wish.id },
      );
    let leave: (() => void) | undefined;
    try {
      return await new Promise<StealOutcome>((resolve, reject) => {
        const thief: Thief = { wish, traceparent, triesLeft: this.#options.tries, resolve, reject };
        leave = () => {
          const at = this.#queue.indexOf(thief);
          if (at < 0) return; // its steal is under way
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

  /** Fails all thieves that are queued; those under way are finished. */
  async close(): Promise<void> {
    this.#stopping.abort(new WorkstealError('timeout', 'the coordinator was closed'));
    for (const thief of this.#queue.splice(0)) thief.reject(this.#stopping.signal.reason);
    await this.#working;
  }

  async #work(): Promise<void> {
    const { atOnce, holdMs } = this.#options;
    for (let holds = 1; this.#queue.length > 0; holds += 1) {
      const held = await this.#lock();
      if (held === undefined)
        for (const thief of this.#queue.splice(0, atOnce))
          this.#again(thief, { outcome: 'lock_lost', wouldFight: [], numbers: {} });
      else {
        const hold: Hold = { value: held.value, untilMs: performance.now() + holdMs, isLost: false };
        const lanes = Math.min(atOnce, this.#queue.length);
        await Promise.all(Array.from({ length: lanes }, () => this.#stealWhileHeld(hold)));
        void held.release(); // not awaited
      }
      if (holds % HOLDS_IN_A_ROW === 0 && this.#queue.length > 0) await sleep(YIELD_MS);
    }
    this.#working = undefined; // synchronously after the queue was found empty, so no thief is left in it
  }

  /** One steal after the other. */
  async #stealWhileHeld(hold: Hold): Promise<void> {
    do {
      const thief = this.#queue.shift();
      if (thief === undefined) return;
      await this.#steal(thief, hold);
    } while (!hold.isLost && performance.now() < hold.untilMs);
  }

  async #lock(): Promise<Held | undefined> {
    const startedMs = performance.now();
    try {
      return await this.#options.mutex.acquire(this.#key, this.#options.mutexMs, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#options.log.warn(
          { err: error, thieves: this.#queue.length },
          'the steal mutex could not be acquired',
        );
      return undefined;
    } finally {
      this.#options.onLockWait(performance.now() - startedMs);
    }
  }

  async #steal(thief: Thief, hold: Hold): Promise<void> {
    try {
      const { ledger, leaseMs, fingerprint } = this.#options;
      const { wish, traceparent } = thief;
      const outcome = await steal(ledger, wish, leaseMs, hold.value, fingerprint, traceparent);
      hold.isLost ||= outcome.outcome === 'lock_lost';
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
