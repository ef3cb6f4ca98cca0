/**
 * Whether the broker takes orders of the account, and which of the account's traits conflict with the
 * settings.
 */
import type { Logger } from 'pino';
import type { BrokerAccount } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { microsToDollars } from '../domain/money.ts';
import { accountTold } from '../ledger/commands/closures.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fields } from '../ledger/reply.ts';
import type { Settings } from '../rules/settings.ts';

export type AccountStatusParts = {
  ledger: Ledger;
  rules: Pick<Settings, 'pools'>;
  log: Pick<Logger, 'info' | 'warn'>;
};

/** One per keeper. Each set of warnings is logged when it changes. */
export class AccountStatus {
  readonly #parts: AccountStatusParts;
  #warned = '';

  constructor(parts: AccountStatusParts) {
    this.#parts = parts;
  }

  /**
   * Closes the account for entries while the broker takes no orders of it. Writes only changes to the ledger.
   * @param known the account in the ledger, as read in this round
   * @throws WorkstealError `unavailable`
   */
  async follow(account: BrokerAccount, known: Fields): Promise<void> {
    const { ledger, rules, log } = this.#parts;
    const warnings = warningsOf(account, rules);
    const isOld =
      account.shut === '' &&
      known['shut_told'] !== '1' &&
      warnings.join('; ') === (known['broker_warnings'] ?? '');
    if (isOld) return;
    const told = await accountTold(ledger, account.shut, warnings);
    if (told === 'closed')
      log.warn(
        { shut: account.shut },
        `closed for entries: the broker takes no orders of this account: ${account.shut}`,
      );
    if (told === 'reopened') log.info('open for entries: the broker takes orders of this account again');
    if (warnings.join() === this.#warned) return;
    this.#warned = warnings.join();
    for (const warning of warnings) log.warn(warning);
  }
}

/**
 * Traits of the account that conflict with the settings: the broker will refuse orders that the ledger
 * admits.
 */
export function warningsOf(
  { multiplier, shorting, equityMicros }: BrokerAccount,
  { pools }: Pick<Settings, 'pools'>,
): string[] {
  const warnings: string[] = [];
  if (equityMicros < 0)
    warnings.push(
      `the broker reports an equity of -$${microsToDollars(-equityMicros)}: ` +
        'it counts as 0, so nothing is admitted',
    );
  const leverage = pools.find(({ name }) => name === 'total')?.leverage;
  if (multiplier !== null && leverage !== undefined && toNanos(multiplier) < toNanos(leverage)) {
    warnings.push(
      `the broker grants ${multiplier} x equity, the cap is ${leverage} x: ` +
        'it will refuse orders for lack of buying power; lower WORK_STEALING_LEVERAGE',
    );
  }
  if (!shorting) warnings.push('the broker allows no short sales: it will refuse plans that sell to open');
  return warnings;
}
