/**
 * What the ledger counts of a short sale beyond its limit (docs/decisions/0027-short-sales-at-the-market.md);
 * an exchange counts limits.
 */
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { type Micros, notionalMicros } from '../../domain/money.ts';
import type { LedgerOrder } from '../../ledger/commands/snapshot.ts';

/** Of what is unfilled, micro-USD; 0 for whatever is no short sale. */
export function shortMarginMicros({ side, kind, limit, qty, filledQty, heldMicros }: LedgerOrder): Micros {
  if (side !== 'sell' || kind === 'exit') return 0;
  return Math.max(0, heldMicros - notionalMicros(limit, fromNanos(toNanos(qty) - toNanos(filledQty))));
}
