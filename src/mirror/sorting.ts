/** In which order rows are listed, and how they are counted: as `orders`, `plans` and `status` do it. */
import { isDecimal, toNanos } from '../domain/decimal.ts';
import { expectedOf } from '../kernel/worth.ts';
import type { OrderRow, PlanRow, Status } from './rows.ts';
import type { SortKey } from './table.ts';

const STATES = ['pending', 'reserved', 'cancelling', 'working'];
const STAGES = ['exiting', 'holding', 'entering', 'waiting', 'lost'];
const SHOWN_STATES = ['pending', 'reserved', 'working', 'cancelling'];
const SHOWN_STAGES = ['waiting', 'entering', 'holding', 'exiting', 'lost'];

const rankIn = (list: readonly string[], word: string): number => {
  const at = list.indexOf(word);
  return at === -1 ? list.length : at;
};

/** What ranks orders: rules of the ledger. `halfLifeMs`: 0: no forecast fades. */
export type Ranking = { policy: string; halfLifeMs: number };

/**
 * By state; within a state, orders that may be taken stand as in the index of victims
 * (lua/inspect/include/order-rank.lua).
 */
export function orderKey(row: OrderRow, ranking: Ranking): SortKey {
  const { state, pnl, createdAtMs, id } = row;
  const tie = ranking.policy === 'distance' ? nanosOf(pnl) : 0;
  return [rankIn(STATES, state), scoreOf(row, ranking), tie, createdAtMs ?? 0, id];
}

/** The lowest first. */
function scoreOf(row: OrderRow, { policy, halfLifeMs }: Ranking): number {
  if (policy === 'distance') return distanceScore(row);
  const base =
    policy === 'expected' ? expectedOf(nanosOf(row.pnl), nanosOf(row.fillProbability)) : nanosOf(row.pnl);
  if (halfLifeMs === 0 || base <= 0) return base;
  // All fade by the same factor, so time does not change this (lua/include/worth.lua).
  return Math.log(base) / Math.LN2 + (row.createdAtMs ?? 0) / halfLifeMs;
}

/** The further from its limit, the lower; what has no fresh price comes last. */
function distanceScore({ side, limit, price }: OrderRow): number {
  const of = nanosOf(limit);
  if (price === null || of <= 0) return Number.POSITIVE_INFINITY;
  const at = nanosOf(price);
  return -Math.max(0, side === 'sell' ? of - at : at - of) / of;
}

function nanosOf(text: string | null): number {
  return text === null || !isDecimal(text) ? 0 : Number(toNanos(text));
}

/** Those that may be taken first, in the order in which a steal looks at them; then the others. */
export function takeableFirst(rows: readonly OrderRow[]): OrderRow[] {
  return [
    ...rows.filter(({ victim }) => victim === 'takeable'),
    ...rows.filter(({ victim }) => victim !== 'takeable'),
  ];
}

/** The furthest stage first; in a stage the nearest to its limit (lua/inspect/include/plan-rows.lua). */
export function planKey({ stage, distance, id }: PlanRow): SortKey {
  return [rankIn(STAGES, stage), distance ?? Number.POSITIVE_INFINITY, id];
}

/** The status with its counts of live orders by state and of unfinished plans by stage. */
export function statusWithCounts(
  status: Status,
  orders: readonly OrderRow[],
  plans: readonly PlanRow[],
): Status {
  const byState = Map.groupBy(orders, ({ state }) => state);
  const byStage = Map.groupBy(plans, ({ stage }) => stage);
  return {
    ...status,
    orders: SHOWN_STATES.flatMap((state) => {
      const some = byState.get(state);
      if (some === undefined) return [];
      const heldMicros = some.reduce((sum, order) => sum + (order.heldMicros ?? 0), 0);
      return [{ state, count: some.length, heldMicros }];
    }),
    plans: SHOWN_STAGES.flatMap((stage) => {
      const count = byStage.get(stage)?.length;
      return count === undefined ? [] : [{ stage, count }];
    }),
  };
}
