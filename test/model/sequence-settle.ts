/** The end of an order in the model of a sequence, and to whom its room goes. */
import type { FinalState } from '../../src/domain/order.ts';
import {
  applyFill,
  cashRoomOf,
  end,
  type Held,
  type Model,
  type ModelOrder,
  type ModelSteal,
  max,
  min,
  needsCash,
  roomOf,
} from './sequence-book.ts';
import { keepPart } from './sequence-kept.ts';

/**
 * The broker's last word on an order: what it frees is its thief's first (I5). Returns its steal's state, if
 * any.
 */
export function settleOrder(
  model: Model,
  order: ModelOrder,
  state: FinalState,
  filled: bigint,
  micros: bigint,
): ModelSteal['state'] | null {
  applyFill(model, order, filled, micros);
  const freed = { total: order.held, own: order.heldPool, cash: order.heldCash };
  const robbedBy = order.state === 'cancelling' ? order.robbedBy : null;
  end(model, order, state);
  if (robbedBy === null) return null;
  const steal = model.steals.get(robbedBy) as ModelSteal;
  steal.left -= 1;
  const thief = model.orders.get(robbedBy);
  if (steal.state === 'pending' && thief !== undefined) handOn(model, order, steal, thief, freed);
  keepPart(model, steal, order, freed, thief?.wish.pool);
  return steal.state;
}

/** What a victim freed goes to its thief, as far as that lacks it. */
function handOn(model: Model, order: ModelOrder, steal: ModelSteal, thief: ModelOrder, freed: Held): void {
  const samePool = thief.wish.pool !== undefined && thief.wish.pool === order.wish.pool;
  give(model, thief, { ...freed, own: samePool ? freed.own : 0n });
  if (steal.left === 0 && !isCovered(thief))
    give(model, thief, { total: thief.need, own: thief.need, cash: thief.need });
  if (isCovered(thief)) {
    Object.assign(thief, { state: 'reserved', leaseUntilMs: model.healthMs + thief.leaseMs });
    steal.state = 'granted';
  } else if (steal.left === 0) {
    steal.state = 'failed';
    end(model, thief, 'rejected');
  }
}

function give(model: Model, thief: ModelOrder, { total, own, cash }: Held): void {
  const { pool } = thief.wish;
  const lackCash = needsCash(thief.wish) ? thief.need - thief.heldCash : 0n;
  const moreCash = max(0n, min(min(cash, lackCash), cashRoomOf(model) ?? lackCash));
  const more = max(0n, min(min(total, thief.need - thief.held), roomOf(model, 'total')));
  const moreOwn =
    pool === undefined ? 0n : max(0n, min(min(own, thief.need - thief.heldPool), roomOf(model, pool)));
  thief.held += more;
  thief.heldPool += moreOwn;
  thief.heldCash += moreCash;
}

function isCovered(thief: ModelOrder): boolean {
  const own = thief.wish.pool === undefined || thief.heldPool >= thief.need;
  return thief.held >= thief.need && own && (!needsCash(thief.wish) || thief.heldCash >= thief.need);
}
