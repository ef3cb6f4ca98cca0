/**
 * Orders that the broker confirmed and does not know now, asked twice. A broker keeps what it confirmed:
 * either the keys are of another account, or it is at fault. Their room stays taken, and the account is
 * closed until they are found, or a person vouches for the account (I4; docs/decisions/0018).
 */
import { close, reopen } from '../ledger/commands/closures.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';

export class UnaccountedOrders {
  readonly #orders = new Map<string, string>();
  /** Missing in this round, and the broker told what became of them. */
  readonly #found = new Set<string>();

  /** It was not found, and that is proven. */
  add({ id, symbol, brokerId }: LedgerOrder): void {
    this.#orders.set(
      id,
      `order ${id} (${symbol}) was confirmed by the broker as ${brokerId}, and it does not find it now`,
    );
  }

  /** The broker knows it after all. */
  found(id: string): void {
    this.#orders.delete(id);
    this.#found.add(id);
  }

  /**
   * The end of a round in which all was well otherwise: closes the account, or reopens it. It stays closed
   * while an order that the broker confirmed is neither listed nor found: another keeper may have had the
   * proof of that (I8).
   * @param missing orders that the broker did not list
   * @param isClosed for the cause `account`
   * @param vouchedMs when a person vouched for the account last (health time): what was sent before that has
   *   ended; 0: never
   */
  async judge(
    ledger: Ledger,
    missing: readonly LedgerOrder[],
    isClosed: boolean,
    vouchedMs: number,
  ): Promise<void> {
    const still = new Set(missing.map(({ id }) => id));
    for (const id of this.#orders.keys()) if (!still.has(id)) this.#orders.delete(id);
    const unclear = missing.some(
      ({ id, brokerId, sentAtMs }) => brokerId !== '' && sentAtMs > vouchedMs && !this.#found.has(id),
    );
    this.#found.clear();
    const [words] = this.#orders.values();
    if (words !== undefined) await close(ledger, 'account', `${words}: are the keys of another account?`);
    else if (isClosed && !unclear) await reopen(ledger, 'account');
  }
}
