/**
 * The account's book in the ledger, as a reconciliation reads it: mended, and created where it is missing.
 */
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { configure } from '../ledger/commands/configure.ts';
import { mend } from '../ledger/commands/mend.ts';
import { type Snapshot, snapshot } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Settings } from '../rules/settings.ts';

export type AccountBookParts = {
  ledger: Ledger;
  rules: Settings;
  syncMaxAgeMs: number;
  log: Pick<Logger, 'info' | 'warn'>;
};

export class AccountBook {
  readonly #parts: AccountBookParts;
  readonly #onEmptied: () => void;

  /** `onEmptied`: called when a damaged book was emptied. */
  constructor(parts: AccountBookParts, onEmptied: () => void) {
    this.#parts = parts;
    this.#onEmptied = onEmptied;
  }

  /**
   * Empties a book in which a key is missing or damaged, and configures it again: the settings may be part of
   * the damage.
   * @throws WorkstealError `unavailable`
   */
  async mend(): Promise<void> {
    const { ledger, rules, syncMaxAgeMs, log } = this.#parts;
    const removed = await mend(ledger);
    if (removed === undefined) return;
    this.#onEmptied();
    await configure(ledger, rules, syncMaxAgeMs);
    log.warn({ removed }, 'the ledger was damaged: it was emptied, and is rebuilt from the broker');
  }

  /** @throws WorkstealError `unknown` when the account disappears again at once; `unavailable` */
  async read(): Promise<Snapshot> {
    const { ledger, rules, syncMaxAgeMs, log } = this.#parts;
    const book = await snapshot(ledger);
    if (book) return book;
    await configure(ledger, rules, syncMaxAgeMs);
    log.info('the account was set up in the ledger');
    await this.mend();
    const created = await snapshot(ledger);
    if (!created) throw new WorkstealError('unknown', `the ledger of ${ledger.account} was lost again`);
    return created;
  }
}
