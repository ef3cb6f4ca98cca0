/** Plans as the measures file them. */
import { filePlan, type Plan } from '../src/ledger/commands/plans.ts';
import { key } from '../src/ledger/keys.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import type { Book } from './book.ts';
import { perSecond } from './measure.ts';

const WIDTH = 64;

/** A plan to buy one unit, which may begin at once and never expires. */
export function aPlan(id: string, symbol: string, terms: Pick<Plan, 'limit' | 'pnl'>): Plan {
  return {
    id,
    symbol,
    ...terms,
    side: 'buy',
    mode: 'normal',
    qty: '1',
    pool: '',
    takeProfit: '',
    startsAtMs: 0,
    expiresAtMs: 0,
    holdMs: 0,
    strategy: 'bench',
  };
}

export async function filePlans({ ledger }: Book, plans: readonly Plan[]): Promise<void> {
  await perSecond(plans, WIDTH, (plan) => filePlan(ledger, plan));
}

/** How many plans hosts have, by the ends of their leases: a plan that nobody has has none. */
export async function heldPlans({ account, redis }: Ledger): Promise<number> {
  const [seconds] = await redis.time();
  return await redis.zcount(key(account, 'plans'), `(${Number(seconds) * 1_000}`, '+inf');
}
