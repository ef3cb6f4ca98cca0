/** The sentences of a steal (docs/rules.md, 12). */
import type { Logger } from 'pino';
import { toNanos } from '../domain/decimal.ts';
import type { OrderWish } from '../domain/order.ts';
import { explain } from '../domain/outcome.ts';
import type { StealOutcome } from '../ledger/commands/steal.ts';

/** Two decimals, halves away from zero: `2.5` -> `2.50`. */
export function cents(decimal: string): string {
  const nanos = toNanos(decimal, 'pnl');
  const size = nanos < 0n ? -nanos : nanos;
  const rounded = (size + 5_000_000n) / 10_000_000n;
  const sign = nanos < 0n && rounded > 0n ? '-' : '';
  return `${sign}${rounded / 100n}.${(rounded % 100n).toString().padStart(2, '0')}`;
}

/**
 * Logs the outcome of an attempt: each victim, each fight that was avoided, or the refusal with its numbers.
 */
export function logSteal(account: Logger, wish: OrderWish, outcome: StealOutcome): void {
  if (outcome.outcome === 'fits' || outcome.outcome === 'exists' || outcome.outcome === 'superseded') return;
  const log = orderLog(account, wish).child({ pnl: wish.pnl ?? '0', outcome: outcome.outcome });
  for (const other of outcome.wouldFight)
    log.warn({ other }, `${wish.symbol}: Would cause fighting with ${other}, aborting steal`);
  if ('victims' in outcome) {
    for (const { id, symbol, pnl, heldMicros } of outcome.victims) {
      const sentence =
        outcome.outcome === 'dry_run'
          ? `[DRY RUN] Would cancel order ${id} (${symbol}) for ${wish.symbol}`
          : `Work steal: ${wish.symbol} (PnL=${cents(wish.pnl ?? '0')}) ` +
            `stealing from ${symbol} (PnL=${cents(pnl)})`;
      log.info({ steal: wish.id, victim: id, victimSymbol: symbol, victimPnl: pnl, heldMicros }, sentence);
    }
    return;
  }
  // Frequent while the account is full, so only at debug level.
  const differ = outcome.numbers['why'] === 'settings_differ';
  const why = differ ? "this host's settings are not the account's" : explain(outcome.outcome);
  log.debug(outcome.numbers, `${wish.symbol}: no steal: ${why}`);
}

/** A log with the order's fields; with `steal`, the steal's id too. */
export function orderLog(account: Logger, { id, plan, symbol }: OrderWish, steal?: string): Logger {
  return account.child({ order: id, plan, symbol, ...(steal !== undefined && { steal }) });
}
