/**
 * A role works while the broker accepts its keys and they belong to the account that the ledger is bound to.
 * Otherwise it stands aside: other hosts take over its work, and `status` says why. It checks the keys again
 * with backoff until they are right.
 *
 *   working -> (a request for the account shows that the keys are refused, or of another account)
 *   -> standing aside -> (a check passes) -> working
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { boundTo, type IdentityParts, isAboutIdentity, look } from './identity.ts';

const LOOK_EVERY_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;

export type KeyGuardParts = IdentityParts & {
  /** The account's number from the first check; '' while unknown. */
  number: string;
  log: Pick<Logger, 'info' | 'error' | 'debug'>;
  /** Called with the reason when the role stands aside, with '' when it resumes. */
  onTrouble: (words: string) => void;
};

export class KeyGuard {
  readonly #parts: KeyGuardParts;
  #working = new AbortController();
  #number: string;
  #isLooking = false;

  constructor(parts: KeyGuardParts) {
    this.#parts = parts;
    this.#number = parts.number;
  }

  /**
   * Call it when the broker refused the keys once. A request for the account then decides.
   */
  suspect(): void {
    void this.#look();
  }

  /**
   * Runs `work` while the keys are right, and again after each time that the role stood aside, until the
   * signal aborts. The signal passed to `work` also aborts when the role stands aside.
   */
  async run(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { log, onTrouble } = this.#parts;
    while (!signal.aborted) {
      this.#working = new AbortController();
      const over = new AbortController();
      const looking = this.#watch(AbortSignal.any([signal, over.signal]));
      try {
        await work(AbortSignal.any([signal, this.#working.signal]));
      } finally {
        over.abort();
        await looking;
      }
      if (signal.aborted || !this.#working.signal.aborted) return;
      const why = (this.#working.signal.reason as Error).message;
      onTrouble(why);
      log.error({ reason: why }, `standing aside, what this process held was handed back: ${why}`);
      await this.#untilWell(signal);
      onTrouble('');
      if (!signal.aborted) log.info('the keys are accepted again: resuming');
    }
  }

  /** Checks regularly: the ledger may be bound to an account only after this role started. */
  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      if (!signal.aborted && (await this.#isDoubtful())) await this.#look();
    }
  }

  async #isDoubtful(): Promise<boolean> {
    const bound = await boundTo(this.#parts.ledger).catch(() => '');
    return this.#number === '' || (bound !== '' && bound !== this.#number);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      this.#number = await look(this.#parts);
    } catch (error) {
      if (isAboutIdentity(error)) this.#working.abort(error);
      else this.#parts.log.debug({ err: error }, 'the broker does not answer whether it accepts the keys');
    } finally {
      this.#isLooking = false;
    }
  }

  async #untilWell(signal: AbortSignal): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(LAST_PAUSE_MS, 2 * pauseMs)) {
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        this.#number = await look(this.#parts);
        return;
      } catch (error) {
        if (isAboutIdentity(error)) this.#parts.onTrouble(error.message);
      }
    }
  }
}
