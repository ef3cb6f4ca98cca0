/**
 * Waiting out what is in flight after a ledger was lost (I8). Whoever marked a submission in the old ledger
 * may send it until its lease ends, and what was sent may take a request's timeout to arrive; in the new
 * ledger there is no record of it. So the broker's orders are listed when both have passed since the loss was
 * noticed: nothing new is submitted meanwhile, for an unsynced account admits nothing and marks nothing.
 *
 * A ledger without any past looks the same whether the account is new or the ledger was wiped before this
 * keeper began. A broker that shows neither orders nor positions then is taken at its word: nobody waits at
 * the first start of a new account. What that leaves open is a submission that was in flight on an otherwise
 * empty account while its ledger was wiped and its keeper replaced; its trade update makes it known at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export class LossWait {
  readonly #inFlightMs: number;
  readonly #monotonicMs: () => number;
  #noticedAtMs: number | undefined;
  #everSynced = false;
  #isOver = false;

  constructor(inFlightMs: number, monotonicMs: () => number) {
    this.#inFlightMs = inFlightMs;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * A new term, or another loss: what was noticed before may have been made good and lost again, by others
   * too.
   */
  begin(): void {
    this.#noticedAtMs = undefined;
    this.#isOver = false;
  }

  /**
   * Resolves when nothing can be in flight any more.
   * @param hasPast whether the ledger remembers an earlier reconciliation
   * @param isEmpty asks the broker whether the account has neither orders nor positions
   */
  async pass(hasPast: boolean, isEmpty: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    this.#noticedAtMs ??= this.#monotonicMs();
    const noticedAtMs = this.#noticedAtMs;
    this.#isOver = true; // unless another loss is noticed meanwhile
    if (!hasPast && !this.#everSynced && (await isEmpty())) return;
    const leftMs = noticedAtMs + this.#inFlightMs - this.#monotonicMs();
    if (leftMs > 0) await sleep(leftMs, undefined, { signal });
  }

  /** Whether the last loss that was noticed has been waited out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The ledger is in step with the broker. */
  synced(): void {
    this.#noticedAtMs = undefined;
    this.#everSynced = true;
  }
}
