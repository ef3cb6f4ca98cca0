/**
 * Adopts live orders that the ledger does not count: placed by hand, or lost with a ledger. They count from
 * now on (I7, I8). An order without a limit counts at the first price that is known of: the market, its own
 * fills, the position's cost, the ledger's last quote. Without any, the amount it was placed for counts.
 * Without that too, it is left out and reported (foreign-items.ts).
 */
import { filledMicros } from '../broker/ending.ts';
import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { fromNanos, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Before, OrderType } from '../domain/order.ts';
import { answerOf } from '../ledger/answer.ts';
import { adopt, type FoundOrder } from '../ledger/commands/adopt.ts';
import type { LedgerPosition } from '../ledger/commands/snapshot.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { reducingOrders } from './positions.ts';
import { dollarPair, type PriceSource, pricesOf } from './valuation.ts';

/** An order without a limit counts at the last price plus this much, as the broker itself reserves it. */
const HEADROOM_PERCENT = 3n;
/**
 * The limit of an order for an amount whose symbol has no price. At so low a limit its quantity is more than
 * will ever fill, so what is left of the amount always counts.
 */
const NO_PRICE = '0.0001';

export type AdoptionParts = {
  ledger: Ledger;
  broker: PriceSource;
  rules: Settings;
  /** Called for each order that can't be valued. */
  leaveOut: (order: BrokerOrder, why: string) => void;
};

export type Adoption = { order: BrokerOrder; outcome: 'adopted' | 'exists' | 'deferred' };

/**
 * @param positions the positions that the orders may reduce
 * @param startedMs health time before the broker listed them
 * @param befores by the broker's id, for replacements: what the replaced orders had filled
 * @throws WorkstealError `unknown` when the account is gone
 */
export async function adoptOrders(
  { ledger, broker, rules, leaveOut }: AdoptionParts,
  orders: readonly BrokerOrder[],
  positions: readonly LedgerPosition[],
  startedMs: number,
  signal: AbortSignal,
  befores: ReadonlyMap<string, Before> = new Map(),
): Promise<Adoption[]> {
  const reducing = reducingOrders(orders, positions);
  const marketable = orders.filter(({ limit, brokerId }) => limit === null && !reducing.has(brokerId));
  const pairs = [...new Set(marketable.map(({ symbol }) => dollarPair(symbol)))];
  const prices = pairs.length === 0 ? new Map<string, string>() : await pricesOf(broker, pairs, signal);
  const quoted = pairs.length === 0 ? new Map<string, string>() : await lastQuotes(ledger, pairs);
  const adoptions: Adoption[] = [];
  for (const order of orders) {
    const pair = dollarPair(order.symbol);
    const price =
      prices.get(pair) ?? order.filledAvgPrice ?? averageCost(order.symbol, positions) ?? quoted.get(pair);
    const as = reducing.get(order.brokerId);
    const traits = {
      pool: poolOfSymbol(order.symbol, rules),
      reducing: as !== undefined,
      leg: as === 'leg',
      price,
    };
    try {
      const unknown = unknownOrderOf(order, traits);
      if (unknown === undefined) continue;
      const before = befores.get(order.brokerId);
      const outcome = await adopt(ledger, before === undefined ? unknown : { ...unknown, before }, startedMs);
      if (outcome === 'unknown')
        throw new WorkstealError('unknown', `the ledger of ${ledger.account} is gone`);
      adoptions.push({ order, outcome });
    } catch (error) {
      if (!(error instanceof WorkstealError) || (error.code !== 'unclear' && error.code !== 'invalid'))
        throw error;
      leaveOut(order, error.message);
    }
  }
  return adoptions;
}

/** The ledger's last price of each symbol, of any age. */
async function lastQuotes(ledger: Ledger, symbols: readonly string[]): Promise<Map<string, string>> {
  const texts = await answerOf('quotes', ledger.redis.hmget(key(ledger.account, 'quotes'), ...symbols));
  const prices = symbols.map((symbol, at) => [symbol, texts[at]?.split(' ')[0] ?? ''] as const);
  return new Map(prices.filter(([, price]) => /[1-9]/.test(price)));
}

/**
 * The order as the ledger counts it; undefined when nothing of it can fill any more. `price`: of a unit, for
 * an order without a limit. An order with a stop fills at the stop or beyond it.
 * @throws WorkstealError `unclear` when it has neither limit, price nor amount, and adds exposure
 */
export function unknownOrderOf(
  order: BrokerOrder,
  {
    pool,
    reducing,
    leg,
    price,
  }: { pool: string; reducing: boolean; leg?: boolean; price: string | undefined },
): FoundOrder | undefined {
  const bound = order.notionalMicros === undefined ? undefined : NO_PRICE;
  const limit =
    order.limit ?? withHeadroom(higher(price, order.stop)) ?? bound ?? (reducing ? '1' : undefined);
  if (limit === undefined)
    throw new WorkstealError(
      'unclear',
      'it has no limit, and its symbol has no price: it can not be counted',
    );
  const filled = toNanos(order.filledQty);
  const qty =
    order.notionalMicros === undefined || order.limit !== null
      ? toNanos(order.qty)
      : filled + unfilledOf(order, limit);
  if (qty <= filled) return undefined;
  const { brokerId, symbol, side, filledQty } = order;
  const counted = { limit, qty: fromNanos(qty), filledQty, filledMicros: filledMicros(order, limit) };
  const traits = { pool, type: typeOf(order), reducing, ...(leg ? { leg } : {}) };
  return { id: ledgerId(order), brokerId, symbol, side, ...counted, ...traits };
}

/** Trailing stops do not tell what they are: without a limit, one of the types that keep entries out. */
function typeOf({ limit, stop }: BrokerOrder): OrderType {
  if (limit !== null) return stop === undefined ? 'limit' : 'stop_limit';
  return stop === undefined ? 'market' : 'stop';
}

/** Nanos that the rest of an order for an amount can buy at this limit, rounded up. */
function unfilledOf(order: BrokerOrder, limit: string): bigint {
  const restMicros = BigInt(Math.max(0, (order.notionalMicros ?? 0) - filledMicros(order, limit)));
  const priceNanos = toNanos(limit);
  return (restMicros * 1000n * NANOS + priceNanos - 1n) / priceNanos;
}

function higher(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return toNanos(a) > toNanos(b) ? a : b;
}

function withHeadroom(price: string | undefined): string | undefined {
  return price === undefined
    ? undefined
    : fromNanos((toNanos(price) * (100n + HEADROOM_PERCENT) + 99n) / 100n);
}

function averageCost(symbol: string, positions: readonly LedgerPosition[]): string | undefined {
  const position = positions.find((one) => one.symbol === symbol);
  if (position === undefined || position.costMicros === 0) return undefined;
  return fromNanos((BigInt(position.costMicros) * 1000n * NANOS) / toNanos(position.qty) + 1n);
}
