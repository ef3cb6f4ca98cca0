/** Filtered lists of the mirror. */
import type { Collection } from './collection.ts';
import type { OrderRow, PlanRow, StealRow } from './rows.ts';

/** `state`: one of an order, or `ended`: the latest that ended. `reason`: why it ended. */
export type OrderFilter = { state?: string; symbol?: string; reason?: string };
/** `stage`: one of a plan, or `ended`. `reason`: of the last refusal, or of the end. */
export type PlanFilter = { stage?: string; symbol?: string; reason?: string };
/** `symbol`: of the thief or of a victim. */
export type StealFilter = { state?: string; symbol?: string; reason?: string };

const agrees = (wanted: string | undefined, is: string | null | undefined): boolean =>
  wanted === undefined || wanted === is;

const ENDED_STATES = ['filled', 'cancelled', 'rejected', 'expired'];
const ENDED_STAGES = ['done', 'withdrawn', 'expired'];

/** The living as `orders` lists them; those that ended, the latest first. */
export function filterOrders(orders: Collection<OrderRow>, filter: OrderFilter): OrderRow[] {
  const { state, symbol, reason } = filter;
  const isEnded = state === 'ended' || ENDED_STATES.includes(state ?? '');
  return (isEnded ? orders.ended : orders.live)
    .rows()
    .filter(
      (row) =>
        (state === 'ended' || agrees(state, row.state)) &&
        agrees(symbol, row.symbol) &&
        agrees(reason, row.reason),
    );
}

/** As filterOrders. */
export function filterPlans(plans: Collection<PlanRow>, filter: PlanFilter): PlanRow[] {
  const { stage, symbol, reason } = filter;
  const isEnded = stage === 'ended' || ENDED_STAGES.includes(stage ?? '');
  return (isEnded ? plans.ended : plans.live)
    .rows()
    .filter(
      (row) =>
        (stage === 'ended' || agrees(stage, row.stage)) &&
        agrees(symbol, row.symbol) &&
        agrees(reason, isEnded ? row.reason : row.refusal?.reason),
    );
}

/** The latest first. */
export function filterSteals(steals: readonly StealRow[], filter: StealFilter): StealRow[] {
  const { state, symbol, reason } = filter;
  return steals.filter(
    (row) =>
      agrees(state, row.state) &&
      agrees(reason, row.reason) &&
      (symbol === undefined ||
        row.thiefSymbol === symbol ||
        row.victims.some((victim) => victim.symbol === symbol)),
  );
}
