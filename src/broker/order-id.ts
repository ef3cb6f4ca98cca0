/** The ledger's id for an order at the broker. */
import { createHash } from 'node:crypto';
import type { BrokerOrder } from './port.ts';

const LEDGER_ID = /^[A-Za-z0-9_-]{1,64}$/;

const HASHED = 'hand_';
const HASHED_ID = new RegExp(`^${HASHED}[0-9a-f]{32}$`);

/** Whether the ledger's id was derived from the broker's id, and so is not a client order id. */
export function isKeptByHash(id: string): boolean {
  return HASHED_ID.test(id);
}

/**
 * The client order id, where it can be a key in the ledger; otherwise (somebody else chose it) a hash of the
 * broker's id. Such an order can be asked for by the broker's id only.
 */
export function ledgerId({ id, brokerId }: Pick<BrokerOrder, 'id' | 'brokerId'>): string {
  return LEDGER_ID.test(id)
    ? id
    : `${HASHED}${createHash('sha256').update(brokerId).digest('hex').slice(0, 32)}`;
}
