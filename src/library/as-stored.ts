/** What a bot asks for, as the ledger takes it: with its pool and its owner. */
import { distance } from 'fastest-levenshtein';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { shown } from '../domain/shown.ts';
import { toSymbol } from '../domain/symbol.ts';
import { assertTraded } from '../domain/traded.ts';
import type { Plan } from '../ledger/commands/plans.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/setting-values.ts';
import type { Order } from './order.ts';
import type { PlanRequest } from './plan.ts';

const REQUIRED = ['id', 'symbol', 'side', 'limit', 'qty'] as const;
const OF_ORDER: readonly (keyof Order)[] = [...REQUIRED, 'pnl', 'fillProbability', 'kind', 'mode'];
const OF_PLAN: readonly (keyof PlanRequest)[] = [
  ...REQUIRED,
  'pnl',
  'fillProbability',
  'mode',
  'takeProfit',
  'startsAtMs',
  'expiresAtMs',
  'holdMs',
];
/** The largest edit distance at which a field is still recognised. */
const MAX_EDITS = 2;

/**
 * The order as the ledger takes it, held by `owner`.
 * @throws WorkstealError `invalid` for a field that is missing or unknown, or a symbol that may not be traded
 */
export function wishOf(order: Order, owner: string, settings: Settings): OrderWish {
  const { id, side, limit, qty, pnl = '0', fillProbability = '1' } = order;
  const { kind = 'entry', mode = 'normal' } = order;
  assertFields('the order', order, OF_ORDER);
  assertTraded(order.symbol);
  const symbol = toSymbol(order.symbol);
  const pool = poolOfSymbol(symbol, settings);
  return { id, symbol, side, kind, mode, limit, qty, pnl, fillProbability, pool, owner };
}

/**
 * The plan as the ledger takes it; `strategy` is who asks for it.
 * @throws WorkstealError `invalid` for a field that is missing or unknown, or a symbol that may not be traded
 */
export function planOf(request: PlanRequest, strategy: string, settings: Settings): Plan {
  assertFields('the plan', request, OF_PLAN);
  assertTraded(request.symbol);
  const symbol = toSymbol(request.symbol);
  const pool = poolOfSymbol(symbol, settings);
  const defaults = { pnl: '0', mode: 'normal', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given, symbol, pool, strategy } as Plan;
}

/** A bot in JavaScript, or one that runs without a compiler, may have misspelled a field. */
function assertFields(what: string, given: object, known: readonly string[]): void {
  const fields = given as Readonly<Record<string, unknown>>;
  const missing = REQUIRED.filter((name) => fields[name] === undefined || fields[name] === null);
  if (missing[0] !== undefined)
    throw new WorkstealError('invalid', `${what} lacks ${missing.join(', ')}`, {
      field: missing[0],
      value: '',
    });
  const field = Object.keys(fields).find((name) => fields[name] !== undefined && !known.includes(name));
  if (field === undefined) return;
  const meant = known.find((name) => distance(field.toLowerCase(), name.toLowerCase()) <= MAX_EDITS);
  const hint = meant === undefined ? `it may have ${known.join(', ')}` : `did you mean ${meant}?`;
  throw new WorkstealError('invalid', `${what} has no field ${shown(field)}; ${hint}`, { field, value: '' });
}
