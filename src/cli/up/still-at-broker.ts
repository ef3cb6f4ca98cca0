/** What a fleet that stops leaves at the broker: nobody cancels it, and it may fill. */

import { counted, usd } from '../../domain/amounts.ts';
import { snapshot } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const SHOWN = 10;
/** States in which an order is at the broker, or may be. */
const SENT = new Set(['working', 'cancelling']);

/** Lines for a person. */
export async function stillAtBroker(ledger: Ledger): Promise<string[]> {
  const book = await snapshot(ledger);
  const orders = (book?.orders ?? []).filter(({ state, sentAtMs }) => SENT.has(state) || sentAtMs > 0);
  const positions = book?.positions ?? [];
  if (orders.length === 0 && positions.length === 0)
    return ['stopped; no order works at the broker, and no position is open'];
  const held = orders.reduce((sum, { heldMicros }) => sum + heldMicros, 0);
  return [
    `stopped; at the broker there are still ${counted(orders.length, 'working order')} (${usd(held)}) and ` +
      `${counted(positions.length, 'position')}: nobody watches them until you start again`,
    ...orders.slice(0, SHOWN).map(({ id, side, qty, symbol, limit }) => {
      return `  ${id}: ${side} ${qty} ${symbol} at ${limit}`;
    }),
    ...(orders.length > SHOWN ? [`  … ${orders.length - SHOWN} more orders`] : []),
    ...positions.slice(0, SHOWN).map(({ side, qty, symbol }) => `  position: ${side} ${qty} ${symbol}`),
    ...(positions.length > SHOWN ? [`  … ${positions.length - SHOWN} more positions`] : []),
  ];
}
