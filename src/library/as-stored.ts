/** What a bot asks for, as the ledger takes it: with its pool and its owner. */
import type { OrderWish } from '../domain/order.ts';
import { toSymbol } from '../domain/symbol.ts';
import { assertTraded } from '../domain/traded.ts';
import type { Plan } from '../ledger/commands/plans.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/setting-values.ts';
import type { Order } from './order.ts';
import type { PlanRequest } from './plan.ts';

/**
 * The order as the ledger takes it, held by `owner`.
 * @throws WorkstealError `invalid` for a symbol that may not be traded
 */
export function wishOf(order: Order, owner: string, settings: Settings): OrderWish {
  const { id, side, limit, qty, pnl = '0', fillProbability = '1' } = order;
  const { kind = 'entry', mode = 'normal' } = order;
  assertTraded(order.symbol);
  const symbol = toSymbol(order.symbol);
  const pool = poolOfSymbol(symbol, settings);
  return { id, symbol, side, kind, mode, limit, qty, pnl, fillProbability, pool, owner };
}

/**
 * The plan as the ledger takes it; `strategy` is who asks for it.
 * @throws WorkstealError `invalid` for a symbol that may not be traded
 */
export function planOf(request: PlanRequest, strategy: string, settings: Settings): Plan {
  assertTraded(request.symbol);
  const symbol = toSymbol(request.symbol);
  const pool = poolOfSymbol(symbol, settings);
  const defaults = { pnl: '0', mode: 'normal', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  return { ...defaults, ...request, symbol, pool, strategy } as Plan;
}
