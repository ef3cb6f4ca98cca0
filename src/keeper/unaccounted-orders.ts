/**
 * Orders that the broker confirmed, but no longer knows, by two answers. A broker keeps what it confirmed:
 * either the keys are of another account, or the broker is at fault. Their room stays taken. The account is
 * closed until they are found, or a person vouches for it (I4; docs/decisions/0018).
 */
import { close, reopen } from '../ledger/commands/closures.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';

export class UnaccountedOrders {
  readonly #orders = new Map<string, string>();
  /** Missing in this round's list, but found when asked for. */
  readonly #found = new Set<string>();

  /** It was not found, and that is believed now. */
  add({ id, symbol, brokerId }: LedgerOrder): void {
    this.#orders.set(
      id,
      `order ${id} (${symbol}) was confirmed by the broker as ${brokerId}, ` +
        'and the broker does not find it now',
    );
  }

  /** The broker knows it after all. */
  found(id: string): void {
    this.#orders.delete(id);
    this.#found.add(id);
  }

  /**
   * At the end of a successful round: closes the account, or reopens it. It stays closed while a confirmed
   * order is neither listed nor found, since another keeper may have closed it for that order (I8).
   * @param missing orders that the broker did not list
   * @param isClosed for the cause `account`
   * @param vouchedMs health time at which a person last vouched for the account: orders sent before have
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
