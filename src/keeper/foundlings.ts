/**
 * Live orders of the broker's that the ledger does not count: placed by hand, or forgotten by a ledger that was lost. They count
 * from now on (I7, I8). What can't be valued is not passed over: the reconciliation fails, and with it, in time, the admission.
 */
import { filledMicros } from '../broker/ending.ts';
import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Before } from '../domain/order.ts';
import { adopt, type Foundling } from '../ledger/commands/adopt.ts';
import type { LedgerPosition } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { reducingOrders } from './positions.ts';

/** An order without a limit is counted at the last price and this much more, as the broker itself holds it. */
const HEADROOM_PERCENT = 3n;

export type Adoption = { order: BrokerOrder; outcome: 'adopted' | 'exists' | 'deferred' };

/**
 * @param positions what they may reduce
 * @param startedMs health time before the broker listed them
 * @param befores by the broker's id, of those that go on for an order that they replaced: what that one had filled
 * @throws WorkstealError `unclear` when an order can't be valued or the broker gave no prices, `unknown` when the account is gone
 */
export async function adoptOrders(
  { ledger, broker, rules }: { ledger: Ledger; broker: Pick<Broker, 'quotes'>; rules: Settings },
  orders: readonly BrokerOrder[],
  positions: readonly LedgerPosition[],
  startedMs: number,
  signal: AbortSignal,
  befores: ReadonlyMap<string, Before> = new Map(),
): Promise<Adoption[]> {
  const reducing = reducingOrders(orders, positions);
  const marketable = orders.filter(({ limit, brokerId }) => limit === null && !reducing.has(brokerId));
  const symbols = [...new Set(marketable.map(({ symbol }) => symbol))];
  const quotes = symbols.length === 0 ? [] : await broker.quotes(symbols, signal);
  const prices = new Map(quotes.map(({ symbol, price }) => [symbol, price]));
  const adoptions: Adoption[] = [];
  for (const order of orders) {
    const price = prices.get(order.symbol) ?? order.filledAvgPrice ?? averageCost(order.symbol, positions);
    const traits = { pool: poolOfSymbol(order.symbol, rules), reducing: reducing.has(order.brokerId) };
    const foundling = foundlingOf(order, { ...traits, price });
    if (foundling === undefined) continue;
    const before = befores.get(order.brokerId);
    const outcome = await adopt(ledger, before === undefined ? foundling : { ...foundling, before }, startedMs);
    if (outcome === 'unknown') throw new WorkstealError('unknown', `the ledger of ${ledger.account} is gone`);
    adoptions.push({ order, outcome });
  }
  return adoptions;
}

/**
 * The order as the ledger counts it; undefined when nothing of it can fill any more. `price`: what a unit is worth, for an order
 * without a limit.
 * @throws WorkstealError `unclear` when it has neither limit nor price, and adds exposure
 */
export function foundlingOf(
  order: BrokerOrder,
  { pool, reducing, price }: { pool: string; reducing: boolean; price: string | undefined },
): Foundling | undefined {
  const limit = order.limit ?? withHeadroom(price) ?? (reducing ? '1' : undefined);
  if (limit === undefined) {
    const message = `order ${order.id} (${order.status}, ${order.side} ${order.symbol}) has no limit and its symbol no price: it can not be counted`;
    throw new WorkstealError('unclear', message, { order: order.id, symbol: order.symbol });
  }
  const filled = toNanos(order.filledQty);
  const qty = order.notionalMicros === undefined || order.limit !== null ? toNanos(order.qty) : filled + unfilledOf(order, limit);
  if (qty <= filled) return undefined;
  const { brokerId, symbol, side, filledQty } = order;
  const counted = { limit, qty: fromNanos(qty), filledQty, filledMicros: filledMicros(order, limit) };
  return { id: ledgerId(order), brokerId, symbol, side, ...counted, pool, reducing };
}

/** Nanos that the rest of an order for an amount may buy at this price, rounded up. */
function unfilledOf(order: BrokerOrder, limit: string): bigint {
  const restMicros = BigInt(Math.max(0, (order.notionalMicros ?? 0) - filledMicros(order, limit)));
  const priceNanos = toNanos(limit);
  return (restMicros * 1000n * NANOS + priceNanos - 1n) / priceNanos;
}

function withHeadroom(price: string | undefined): string | undefined {
  return price === undefined ? undefined : fromNanos((toNanos(price) * (100n + HEADROOM_PERCENT) + 99n) / 100n);
}

function averageCost(symbol: string, positions: readonly LedgerPosition[]): string | undefined {
  const position = positions.find((one) => one.symbol === symbol);
  if (position === undefined || position.costMicros === 0) return undefined;
  return fromNanos((BigInt(position.costMicros) * 1000n * NANOS) / toNanos(position.qty) + 1n);
}
