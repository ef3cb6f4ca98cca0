/** Which of several alert processes tells: the one that holds `ws:{account}:alerter`. */
import type { Held, Mutex } from '../mutex/mutex.ts';

export class Lead {
  readonly #mutex: Mutex;
  readonly #key: string;
  readonly #ttlMs: number;
  #held: Held | undefined;

  /** @param ttlMs when its holder died, another one takes over within this time */
  constructor(mutex: Mutex, key: string, ttlMs: number) {
    this.#mutex = mutex;
    this.#key = key;
    this.#ttlMs = ttlMs;
  }

  /** Holds it for ttlMs from now on, if nobody else does. False also if Redis does not answer. */
  async take(): Promise<boolean> {
    const extended = await this.#held?.extend(this.#ttlMs).catch(() => false);
    if (extended !== true) this.#held = await this.#mutex.tryAcquire(this.#key, this.#ttlMs);
    return this.#held !== undefined;
  }

  /** For the next one. */
  async release(): Promise<void> {
    await this.#held?.release();
    this.#held = undefined;
  }
}
