/** The id under which the ledger keeps an order of the broker's. */
import { createHash } from 'node:crypto';
import type { BrokerOrder } from '../broker/port.ts';

const LEDGER_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The client order id; where somebody else chose one that the ledger can't take, a pure function of the broker's id. Such an
 * order can't be asked for by the ledger's id: it is followed by the list of live orders and by trade updates.
 */
export function ledgerId({ id, brokerId }: Pick<BrokerOrder, 'id' | 'brokerId'>): string {
  return LEDGER_ID.test(id) ? id : `hand_${createHash('sha256').update(brokerId).digest('hex').slice(0, 32)}`;
}
