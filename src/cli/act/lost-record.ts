/**
 * A record that was there and is gone: the ledger was lost meanwhile. That confirms nothing; the broker's
 * word is the book that the keeper rebuilds from it.
 */
import { answerOf } from '../../ledger/answer.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';

async function bookOf({ redis, account }: Ledger): Promise<{ isOpen: boolean; rebuiltMs: string }> {
  const fields = redis.hmget(key(account, 'account'), 'synced_at_ms', 'rebuilt_ms');
  const [syncedAtMs, rebuiltMs] = await answerOf('account', fields);
  return { isOpen: Number(syncedAtMs ?? 0) > 0, rebuiltMs: rebuiltMs ?? '' };
}

/** Remembers which book there was at the beginning. */
export class BookWatch {
  readonly #ledger: Ledger;
  #first: Promise<{ rebuiltMs: string }> | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The first call is the beginning; further ones cost nothing. @throws WorkstealError `unavailable` */
  async begin(): Promise<void> {
    this.#first ??= bookOf(this.#ledger);
    await this.#first;
  }

  /** Was the book rebuilt from the broker since the beginning? @throws WorkstealError `unavailable` */
  async isRebuilt(): Promise<boolean> {
    const [first, { isOpen, rebuiltMs }] = await Promise.all([this.#first, bookOf(this.#ledger)]);
    return isOpen && rebuiltMs !== '' && rebuiltMs !== first?.rebuiltMs;
  }
}
