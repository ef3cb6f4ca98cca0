/**
 * A strategy's successive plans on one symbol and side are a series: lua/plan-replace.lua and
 * lua/plan-drop.lua.
 */
import { WorkstealError } from '../../domain/errors.ts';
import type { Side } from '../../domain/order.ts';
import { assertTraded } from '../../domain/traded.ts';
import { answerOf } from '../answer.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';
import type { Plan } from './plans.ts';

/** One symbol and side of a strategy. */
export type SeriesName = { strategy: string; symbol: string; side: Side };

/** A series, with the terms and id of its current plan. `expiresAtMs` 0: never. */
export type PlanSeries = SeriesName & { terms: string; id: string; expiresAtMs: number };

/**
 * A plan with `terms`: a word `[A-Za-z0-9_-]` that identifies what was asked for, such as a hash. `id` has at
 * most 41 characters.
 */
export type TermedPlan = Plan & { terms: string };

/**
 * What happened to the plan before it. `withdrawn`: no host had it. `asked`: its host was asked to withdraw
 * it. `ended`: it had ended already. `none`: there was no such plan.
 */
export type Vacated = 'withdrawn' | 'asked' | 'ended' | 'none';

/** `stoppedBy`: who had withdrawn or closed the earlier plan by hand; absent if nobody did. */
export type Replaced =
  | { outcome: 'filed'; id: string; replaced: string; how: Vacated; stoppedBy?: string }
  | { outcome: 'kept'; id: string };

/** At most this many series are read per strategy: twice the rows of a forecast file, for both sides. */
const MAX_SERIES = 200_000;

/**
 * Files a plan as the current one of its series (lua/plan-replace.lua). `kept`: the current plan has the same
 * terms. The first plan of a series keeps its id; a number is appended to the ids of later ones.
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
  const asked = [plan.strategy, plan.fillProbability ?? '1', plan.terms];
  const raw = await ledger.run('plan-replace', [...args, ...times, ...asked]);
  const { outcome, fields } = decode('plan-replace', ['filed', 'kept', 'unknown'] as const, raw);
  if (outcome === 'unknown') throw noAccount(ledger);
  const id = fields['id'] ?? '';
  return outcome === 'kept'
    ? { outcome, id }
    : {
        outcome,
        id,
        replaced: fields['replaced'] ?? '',
        how: fields['how'] as Vacated,
        ...(fields['stopped_by'] ? { stoppedBy: fields['stopped_by'] } : {}),
      };
}

/**
 * Ends a series (lua/plan-drop.lua). `none`: another plan is the current one by now.
 * @throws as `replacePlan`
 */
export async function dropPlan(
  ledger: Ledger,
  { strategy, symbol, side, id }: PlanSeries,
  reason: string,
): Promise<Vacated> {
  const raw = await ledger.run('plan-drop', [strategy, symbol, side, id, reason]);
  const { outcome } = decode('plan-drop', ['withdrawn', 'asked', 'ended', 'none', 'unknown'] as const, raw);
  if (outcome === 'unknown') throw noAccount(ledger);
  return outcome;
}

/**
 * The series of a strategy that have a current plan: two round trips.
 * @throws WorkstealError `unavailable`, `invalid` when there are too many
 */
export async function readSeries(ledger: Ledger, strategy: string): Promise<PlanSeries[]> {
  const name = key(ledger.account, `planned:${strategy}`);
  let stored: Record<string, string>;
  try {
    const count = await ledger.redis.hlen(name);
    if (count > MAX_SERIES) {
      throw new WorkstealError(
        'invalid',
        `strategy ${strategy} has plans for ${count} symbols and sides; at most ${MAX_SERIES} are read`,
        { strategy },
      );
    }
    stored = await ledger.redis.hgetall(name);
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw new WorkstealError('unavailable', `planned: ${(error as Error).message}`, {}, error);
  }
  return Object.entries(stored).flatMap(([series, text]) => {
    const [symbol = '', side = ''] = series.split(' ');
    const [, terms = '-', id = '', expiresAtMs = '0'] = text.split(' ');
    return terms === '-'
      ? []
      : [{ strategy, symbol, side: side as Side, terms, id, expiresAtMs: Number(expiresAtMs) }];
  });
}

/**
 * The id of the plan that a strategy has now for a symbol and a side.
 * @throws WorkstealError `unavailable`
 */
export async function readCurrentPlan(
  ledger: Ledger,
  { strategy, symbol, side }: Pick<PlanSeries, 'strategy' | 'symbol' | 'side'>,
): Promise<string | undefined> {
  const name = key(ledger.account, `planned:${strategy}`);
  const text = await answerOf('planned', ledger.redis.hget(name, `${symbol} ${side}`));
  const [, terms = '-', id] = text?.split(' ') ?? [];
  return terms === '-' ? undefined : id;
}

function noAccount({ account }: Ledger): WorkstealError {
  return new WorkstealError(
    'unknown',
    `the ledger has no account ${account} yet; start a keeper for it (worksteal keep)`,
    { account },
  );
}
