/** The id under which the ledger keeps an order of the broker's. */
import { createHash } from 'node:crypto';
import type { BrokerOrder } from './port.ts';

const LEDGER_ID = /^[A-Za-z0-9_-]{1,64}$/;

const HASHED = 'hand_';
const HASHED_ID = new RegExp(`^${HASHED}[0-9a-f]{32}$`);

/** Is it no client order id, but one that was made of the broker's? */
export function isKeptByHash(id: string): boolean {
  return HASHED_ID.test(id);
}

/**
 * The client order id; where somebody else chose one that the ledger can't take, a pure function of the
 * broker's id. Such an order can't be asked for by the ledger's id, but by the broker's.
 */
export function ledgerId({ id, brokerId }: Pick<BrokerOrder, 'id' | 'brokerId'>): string {
  return LEDGER_ID.test(id)
    ? id
    : `${HASHED}${createHash('sha256').update(brokerId).digest('hex').slice(0, 32)}`;
}
