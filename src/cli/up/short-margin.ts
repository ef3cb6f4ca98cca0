/**
 * The ledger counts a short sale above its limit price (docs/decisions/0027-short-sales-at-the-market.md); an
 * exchange counts it at the limit. This is the difference.
 */
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { type Micros, notionalMicros } from '../../domain/money.ts';
import type { LedgerOrder } from '../../ledger/commands/snapshot.ts';

/** The difference for the unfilled part, micro-USD; 0 for any other order. */
export function shortMarginMicros({ side, kind, limit, qty, filledQty, heldMicros }: LedgerOrder): Micros {
  if (side !== 'sell' || kind === 'exit') return 0;
  return Math.max(0, heldMicros - notionalMicros(limit, fromNanos(toNanos(qty) - toNanos(filledQty))));
}
