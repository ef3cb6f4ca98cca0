/** What a bot asks for, as the ledger takes it: with its pool and its owner. */
import { WorkstealError } from '../domain/errors.ts';
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
 * @throws WorkstealError `invalid` for a field that is missing, or a symbol that may not be traded
 */
export function wishOf(order: Order, owner: string, settings: Settings): OrderWish {
  const { id, side, limit, qty, pnl = '0', fillProbability = '1' } = order;
  const { kind = 'entry', mode = 'normal' } = order;
  assertGiven('the order', { id, symbol: order.symbol, side, limit, qty });
  assertTraded(order.symbol);
  const symbol = toSymbol(order.symbol);
  const pool = poolOfSymbol(symbol, settings);
  return { id, symbol, side, kind, mode, limit, qty, pnl, fillProbability, pool, owner };
}

/**
 * The plan as the ledger takes it; `strategy` is who asks for it.
 * @throws WorkstealError `invalid` for a field that is missing, or a symbol that may not be traded
 */
export function planOf(request: PlanRequest, strategy: string, settings: Settings): Plan {
  const { id, side, limit, qty } = request;
  assertGiven('the plan', { id, symbol: request.symbol, side, limit, qty });
  assertTraded(request.symbol);
  const symbol = toSymbol(request.symbol);
  const pool = poolOfSymbol(symbol, settings);
  const defaults = { pnl: '0', mode: 'normal', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  return { ...defaults, ...request, symbol, pool, strategy } as Plan;
}

/** A bot in JavaScript, or one that runs without a compiler, may have misspelled a field. */
function assertGiven(what: string, fields: Readonly<Record<string, unknown>>): void {
  const missing = Object.keys(fields).filter((name) => fields[name] === undefined || fields[name] === null);
  const [field] = missing;
  if (field === undefined) return;
  throw new WorkstealError('invalid', `${what} lacks ${missing.join(', ')}`, { field, value: '' });
}
