/**
 * The wait after a ledger was lost, for submissions in flight (I8). A host that marked a submission in the
 * old ledger may send it until its lease ends, and the request may take its timeout to arrive. The new ledger
 * has no record of it. So the broker's orders are listed only when both times have passed since the loss was
 * noticed. No submission begins meanwhile: an unsynced account admits and marks nothing.
 *
 * A new account and a ledger that was wiped before this keeper began look the same. If the broker has had no
 * order and has no position, the account is taken as new, and there is no wait. An order that has ended may
 * have filled just before, and positions lag. One case remains: the first order of the account was in flight
 * while its ledger was wiped and its keeper replaced, and arrives after the broker's orders were listed for
 * the last time before the account opened. Its trade update then causes a reconciliation.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export class LossWait {
  readonly #inFlightMs: number;
  readonly #monotonicMs: () => number;
  readonly #onWait: (leftMs: number) => Promise<void>;
  #noticedAtMs: number | undefined;
  #everSynced = false;
  #isOver = false;
  #isAnnounced = false;

  /** @param onWait called once for a loss that is waited out, when the wait begins */
  constructor(
    inFlightMs: number,
    monotonicMs: () => number,
    onWait: (leftMs: number) => Promise<void> = async () => {},
  ) {
    this.#inFlightMs = inFlightMs;
    this.#monotonicMs = monotonicMs;
    this.#onWait = onWait;
  }

  /** A new term, or another loss. Other keepers may have rebuilt the ledger since, and it was lost again. */
  begin(): void {
    this.#noticedAtMs = undefined;
    this.#isOver = false;
    this.#isAnnounced = false;
  }

  /**
   * Resolves when nothing can be in flight any more, with whether the account is taken as new.
   * @param hasPast whether the ledger remembers an earlier reconciliation
   * @param isEmpty asks the broker whether the account has no position and has never had an order
   */
  async pass(hasPast: boolean, isEmpty: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    this.#noticedAtMs ??= this.#monotonicMs();
    const noticedAtMs = this.#noticedAtMs;
    this.#isOver = true; // unless `begin` is called meanwhile
    if (!hasPast && !this.#everSynced && (await isEmpty())) return true;
    const untilMs = noticedAtMs + this.#inFlightMs;
    if (untilMs > this.#monotonicMs()) await this.#announce(untilMs - this.#monotonicMs());
    const leftMs = untilMs - this.#monotonicMs();
    if (leftMs > 0) await sleep(leftMs, undefined, { signal });
    return false;
  }

  /** Whether the wait after the latest loss is over. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async #announce(leftMs: number): Promise<void> {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    await this.#onWait(leftMs);
  }

  /** The ledger was reconciled. */
  synced(): void {
    this.#noticedAtMs = undefined;
    this.#isAnnounced = false;
    this.#everSynced = true;
  }
}
