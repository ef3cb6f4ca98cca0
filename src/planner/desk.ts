/**
 * Shared by the planners of the demo and of the replay: the account's caps, their unfinished plans, sizes,
 * and idempotent filing.
 */

import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Micros } from '../domain/money.ts';
import { isCryptoSymbol } from '../domain/symbol.ts';
import { answerOf } from '../ledger/answer.ts';
import { filePlan, type Plan, type Stage } from '../ledger/commands/plans.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** At most this many unfinished plans are read; no planner files more. */
const MAX_UNFINISHED = 5_000;

/** The smallest cap that an order in this pool must fit, in micro-USD; 0 before the first reconciliation. */
export async function capFor(ledger: Ledger, pool: string): Promise<Micros> {
  const fields = pool === '' ? ['cap_micros:total'] : ['cap_micros:total', `cap_micros:${pool}`];
  const caps = await answerOf('account', ledger.redis.hmget(key(ledger.account, 'account'), ...fields));
  return Math.min(...caps.map((cap) => Number(cap ?? 0)));
}

/**
 * The quantity that a notional buys at a limit: whole shares; cryptos to six decimals, or to two where the
 * limit is below a dollar. At least one such step.
 */
export function quantityFor(symbol: string, notionalMicros: Micros, limit: string): string {
  const limitNanos = toNanos(limit, 'limit');
  const qtyNanos = (BigInt(Math.max(0, Math.floor(notionalMicros))) * 1_000n * NANOS) / limitNanos;
  const step = isCryptoSymbol(symbol) ? (limitNanos >= NANOS ? 1_000n : 10_000_000n) : NANOS;
  const steps = qtyNanos / step;
  return fromNanos((steps > 0n ? steps : 1n) * step);
}

/** (sell - buy) x quantity x share, in dollars, rounded down to the cent. */
export function profitOf(buy: string, sell: string, qty: string, share = 1): string {
  const nanos = ((toNanos(sell) - toNanos(buy)) * toNanos(qty)) / NANOS;
  const shared = (nanos * BigInt(Math.round(share * 1_000))) / 1_000n;
  return fromNanos((shared / 10_000_000n) * 10_000_000n);
}

/** Files the plan. `taken`: an earlier run filed a plan with this id, which stays as it is. */
export async function fileOnce(ledger: Ledger, plan: Plan): Promise<'filed' | 'taken' | 'no_account'> {
  try {
    const outcome = await filePlan(ledger, plan);
    return outcome === 'filed' ? 'filed' : outcome === 'exists' ? 'taken' : 'no_account';
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'contradiction') return 'taken';
    throw error;
  }
}

/** The ids of unfinished plans with this prefix. */
export async function unfinishedPlans(ledger: Ledger, prefix: string): Promise<string[]> {
  const ids = await answerOf(
    'plans',
    ledger.redis.zrange(key(ledger.account, 'plans'), 0, String(MAX_UNFINISHED)),
  );
  return ids.filter((id) => id.startsWith(prefix));
}

/** The stage of a plan; undefined when the ledger does not have it. */
export async function stageOf(ledger: Ledger, id: string): Promise<Stage | undefined> {
  const stage = await answerOf('plan', ledger.redis.hget(key(ledger.account, `plan:${id}`), 'stage'));
  return (stage ?? undefined) as Stage | undefined;
}
