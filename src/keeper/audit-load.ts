/**
 * What an audit of the ledger would read, and whether it may. It is one step of Redis, in which nothing else
 * runs: its time is bounded by what it looks at.
 */
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** How many there are: live orders, plans in the queue for room, steals that are watched or judged. */
export type Audited = { orders: number; plans: number; steals: number };

/** A longer queue, and more steals, an audit leaves out (lua/audit.lua, lua/include/watched-audit.lua). */
const LOOKED_AT = { plans: 1_000, steals: 500 };
/**
 * What each costs, in the time of an open order, some 20 us: measured were 0.48 for a plan, and 0.23 for each
 * victim of a steal, which has three at most by default.
 */
const COSTS = { plan: 0.5, steal: 1 };
/** With more than this an audit would block Redis for too long. */
export const AUDIT_MOST = 2_000;

/** The time that an audit takes, as a number of open orders. */
export function auditLoad({ orders, plans, steals }: Audited): number {
  return (
    orders +
    (plans > LOOKED_AT.plans ? 0 : plans * COSTS.plan) +
    (steals > LOOKED_AT.steals ? 0 : steals * COSTS.steal)
  );
}

/** @throws WorkstealError `unavailable` */
export async function readAuditLoad({ redis, account }: Ledger): Promise<number> {
  const asked = Promise.all([
    redis.scard(key(account, 'live')),
    redis.hlen(key(account, 'waits')),
    redis.zcard(key(account, 'watches')),
    redis.zcard(key(account, 'judged')),
  ]);
  const [orders, plans, watched, judged] = await answerOf('audit', asked);
  return auditLoad({ orders, plans, steals: watched + judged });
}
