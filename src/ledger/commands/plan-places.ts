/** The places of strategies' plans, one a symbol and side: lua/plan-replace.lua and lua/plan-drop.lua. */
import { WorkstealError } from '../../domain/errors.ts';
import type { Side } from '../../domain/order.ts';
import { assertTraded } from '../../domain/traded.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';
import type { Plan } from './plans.ts';

/** One symbol and side of a strategy. */
export type PlaceName = { strategy: string; symbol: string; side: Side };

/** What a place holds: the plan that was asked for last, by its terms and id. `expiresAtMs` 0: never. */
export type Place = PlaceName & { terms: string; id: string; expiresAtMs: number };

/**
 * A plan and what was asked for in one word `[A-Za-z0-9_-]`, by which it is known again; `id` at most 41
 * characters.
 */
export type TermedPlan = Plan & { terms: string };

/**
 * What became of the plan that was there before: nobody held it, its host was asked, it had ended, there was
 * none.
 */
export type Vacated = 'withdrawn' | 'asked' | 'ended' | 'none';

export type Replaced =
  | { outcome: 'filed'; id: string; replaced: string; how: Vacated }
  | { outcome: 'kept'; id: string };

/** Places of one strategy that are read; twice the rows that a file of forecasts may have, for both sides. */
const MAX_PLACES = 200_000;

/**
 * Files a plan in the place of its strategy's last one on that symbol and side (lua/plan-replace.lua). The id
 * it got is the plan's own, from the second plan of the place on with a number behind it.
 * @throws WorkstealError `invalid`; `unknown` when the ledger has no such account
 */
export async function replacePlan(ledger: Ledger, plan: TermedPlan): Promise<Replaced> {
  assertTraded(plan.symbol);
  const args = [
    plan.id,
    plan.symbol,
    plan.side,
    plan.mode,
    plan.limit,
    plan.qty,
    plan.pnl,
    plan.pool,
    plan.takeProfit,
  ];
  const times = [plan.startsAtMs, plan.expiresAtMs, plan.holdMs];
  const raw = await ledger.run('plan-replace', [...args, ...times, plan.strategy, plan.terms]);
  const { outcome, fields } = decode('plan-replace', ['filed', 'kept', 'unknown'] as const, raw);
  if (outcome === 'unknown') throw noAccount(ledger);
  const id = fields['id'] ?? '';
  return outcome === 'kept'
    ? { outcome, id }
    : { outcome, id, replaced: fields['replaced'] ?? '', how: fields['how'] as Vacated };
}

/**
 * The strategy asks for nothing there any more (lua/plan-drop.lua). `none`: another plan has the place by
 * now.
 * @throws as `replacePlan`
 */
export async function dropPlan(
  ledger: Ledger,
  { strategy, symbol, side, id }: Place,
  reason: string,
): Promise<Vacated> {
  const raw = await ledger.run('plan-drop', [strategy, symbol, side, id, reason]);
  const { outcome } = decode('plan-drop', ['withdrawn', 'asked', 'ended', 'none', 'unknown'] as const, raw);
  if (outcome === 'unknown') throw noAccount(ledger);
  return outcome;
}

/**
 * The places of a strategy that hold a plan: two round trips.
 * @throws WorkstealError `unavailable`, `invalid` when there are too many
 */
export async function readPlaces(ledger: Ledger, strategy: string): Promise<Place[]> {
  const name = key(ledger.account, `planned:${strategy}`);
  let stored: Record<string, string>;
  try {
    const count = await ledger.redis.hlen(name);
    if (count > MAX_PLACES) {
      throw new WorkstealError(
        'invalid',
        `strategy ${strategy} has ${count} places; at most ${MAX_PLACES} are read`,
        { strategy },
      );
    }
    stored = await ledger.redis.hgetall(name);
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw new WorkstealError('unavailable', `planned: ${(error as Error).message}`, {}, error);
  }
  return Object.entries(stored).flatMap(([place, text]) => {
    const [symbol = '', side = ''] = place.split(' ');
    const [, terms = '-', id = '', expiresAtMs = '0'] = text.split(' ');
    return terms === '-'
      ? []
      : [{ strategy, symbol, side: side as Side, terms, id, expiresAtMs: Number(expiresAtMs) }];
  });
}

function noAccount({ account }: Ledger): WorkstealError {
  return new WorkstealError(
    'unknown',
    `the ledger has no account ${account} yet; start a keeper for it (worksteal keep)`,
    { account },
  );
}
