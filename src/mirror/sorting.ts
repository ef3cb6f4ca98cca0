/** In which order rows are listed, and how they are counted: as `orders`, `plans` and `status` do it. */
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

/** Worst first within a state (lua/inspect/include/order-search.lua). */
export function orderKey({ state, pnl, createdAtMs, id }: OrderRow): SortKey {
  return [rankIn(STATES, state), Number(pnl ?? 0), createdAtMs ?? 0, id];
}

/**
 * Those that may be taken first, in the order in which a steal looks at them (lua/include/ranking.lua); then
 * the others, as they are in `rows`.
 */
export function takeableFirst(rows: readonly OrderRow[], policy: string): OrderRow[] {
  const takeable = rows.filter(({ victim }) => victim === 'takeable');
  const others = rows.filter(({ victim }) => victim !== 'takeable');
  // Within a state, rows are sorted by PnL, age and id; only orders that work may be taken.
  if (policy === 'distance') takeable.sort((a, b) => (b.distance ?? 0) - (a.distance ?? 0));
  if (policy === 'expected') takeable.sort((a, b) => expectedOf(a) - expectedOf(b));
  return [...takeable, ...others];
}

function expectedOf({ pnl, fillProbability }: OrderRow): number {
  return Number(pnl ?? 0) * Number(fillProbability);
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
