/**
 * Does the ledger's Redis answer on the connection that the role uses? Reads one field of the account each
 * second, one read at a time; a server that takes connections and never answers is found as well.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { seconds, type Verdict } from '../ops/readiness.ts';

const EVERY_MS = 1_000;
/** Not ready after so long without an answer. */
const SILENCE_MS = 5_000;

export class RedisProbe {
  readonly #ledger: Ledger;
  readonly #monotonicMs: () => number;
  #answeredMs: number;
  #failure: string | undefined;

  /** A ledger that is open has answered just now. */
  constructor(ledger: Ledger, monotonicMs = (): number => performance.now()) {
    this.#ledger = ledger;
    this.#monotonicMs = monotonicMs;
    this.#answeredMs = monotonicMs();
  }

  /** Reads until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { redis, account } = this.#ledger;
    while (!signal.aborted) {
      try {
        await redis.hmget(key(account, 'account'), 'broker_account');
        this.#answeredMs = this.#monotonicMs();
        this.#failure = undefined;
      } catch (error) {
        this.#failure = (error as Error).message;
      }
      await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  verdict(): Verdict {
    const silentMs = this.#monotonicMs() - this.#answeredMs;
    // A refused or lost connection is known at once; a server that hangs, after a while.
    if (this.#failure === undefined && silentMs < SILENCE_MS)
      return { well: true, words: `answered ${seconds(silentMs)} ago` };
    return { well: false, words: `Redis does not answer, for ${seconds(silentMs)} now` };
  }
}
