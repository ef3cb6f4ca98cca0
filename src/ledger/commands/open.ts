import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

const OUTCOMES = ['working', 'exists', 'ended', 'unknown'] as const;

/**
 * The broker confirmed that the order is live (lua/open.lua). `ended`: the order has ended in the ledger, so
 * cancel it at the broker.
 * @throws WorkstealError `contradiction` when it was never submitted, or has another broker id
 */
export async function open(ledger: Ledger, id: string, brokerId: string): Promise<(typeof OUTCOMES)[number]> {
  return decode('open', OUTCOMES, await ledger.run('open', [id, brokerId])).outcome;
}
