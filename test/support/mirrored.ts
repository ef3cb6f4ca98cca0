/** What a mirror holds, beside what the inspections read afresh. */

import { readValues } from '../../src/inspection/reading.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Mirror } from '../../src/mirror/mirror.ts';

type Book = {
  orders: unknown;
  ended: unknown;
  plans: unknown;
  done: unknown;
  steals: unknown;
  status: unknown;
};

/** The latest that ended, in no order: two of the same instant have none. */
const byId = (rows: unknown): unknown =>
  (rows as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));

export function mirrored(mirror: Mirror): Book {
  return {
    orders: mirror.orders({}),
    ended: byId(mirror.orders({ state: 'ended' })),
    plans: mirror.plans({}),
    done: byId(mirror.plans({ stage: 'ended' })),
    steals: mirror.steals({}),
    status: mirror.status(),
  };
}

export async function freshly(ledger: Ledger): Promise<Book> {
  const [orders, ended, plans, done, steals, status] = await Promise.all([
    readValues(ledger, { script: 'orders', words: ['1000'] }),
    readValues(ledger, { script: 'orders', words: ['ended', '1000'] }),
    readValues(ledger, { script: 'plans', words: ['500'] }),
    readValues(ledger, { script: 'plans', words: ['ended', '500'] }),
    readValues(ledger, { script: 'steals', words: ['200'] }),
    readValues(ledger, { script: 'status', words: [] }),
  ]);
  return {
    orders: orders['orders'],
    ended: byId(ended['orders']),
    plans: plans['plans'],
    done: byId(done['plans']),
    steals: steals['steals'],
    status,
  };
}
