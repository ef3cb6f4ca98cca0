/**
 * Turns Alpaca's orders into the port's. It is strict where exposure depends on a field (quantities, prices,
 * ids) and lenient in the rest: an unknown status is live. An order that cannot be read becomes an oddity
 * with its id, and the others are read all the same.
 */
import { z } from 'zod';
import { NANOS, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { dollarsToMicros } from '../../domain/money.ts';
import { fromBrokerSymbol } from '../../domain/symbol.ts';
import type { BrokerOrder, Oddity } from '../port.ts';
import { amount, bounded, clip, isPositive, maybeAmount, times, unsigned, wholeOf } from './amounts.ts';
import { unitOf } from './units.ts';
import { decode } from './wire.ts';

/** The broker's id of an order. The ledger keeps it, and it becomes part of a URL. */
const brokerId = z.string().regex(/^[!-~]{1,128}$/, 'no id');
const word = z.string().max(64).nullish().catch(null);

const OrderWire = z.object({
  id: brokerId,
  client_order_id: z.string().max(128).nullish(),
  symbol: z.string().max(64),
  asset_class: word,
  multiplier: amount.nullish().catch(null),
  side: z.string().max(64).nullish(),
  position_intent: word,
  order_class: word,
  qty: maybeAmount,
  notional: maybeAmount,
  filled_qty: maybeAmount,
  filled_avg_price: maybeAmount,
  limit_price: maybeAmount,
  stop_price: maybeAmount.catch(null),
  status: z.string().max(64).nullish().catch(null),
  filled_at: word,
  canceled_at: word,
  expired_at: word,
  replaces: brokerId.nullish(),
  replaced_by: brokerId.nullish(),
});
type Wire = z.output<typeof OrderWire>;

/** The ledger's symbol for an order of several legs, which has none of its own. */
const LEGS_SYMBOL = 'MLEG';

/** The fields that identify an order. */
const Named = z.object({
  id: z.string().max(128).catch(''),
  client_order_id: z.string().max(128).nullish().catch(''),
  symbol: z.string().max(64).catch(''),
  status: z.string().max(64).catch(''),
});

/**
 * Alpaca's status as the port's state. `replaced` ends the order with what it had filled; a new order with
 * another id follows it (src/broker/succession.ts). Every status that is not named here is live: the order
 * may fill, or hold buying power.
 */
export function stateOf(status: string): BrokerOrder['state'] {
  switch (status) {
    case 'filled':
    case 'expired':
    case 'rejected':
      return status;
    case 'canceled':
    case 'replaced':
      return 'cancelled';
    default:
      return 'live';
  }
}

/** What else a status says about an order. */
function meaningOf(
  status: string,
): Pick<BrokerOrder, 'cancelRequested' | 'replaceRequested' | 'heldBack' | 'replaced'> {
  switch (status) {
    case 'pending_cancel':
      return { cancelRequested: true };
    case 'pending_replace':
      return { replaceRequested: true };
    case 'held':
      return { heldBack: true };
    case 'replaced':
      return { replaced: true };
    default:
      return {};
  }
}

/**
 * The quantity that the limit implies, rounded up, for an order that somebody placed for an amount of money.
 */
function impliedQty(notional: string, limit: string): string {
  const price = toNanos(limit, 'limit_price');
  return bounded((toNanos(notional, 'notional') * NANOS + price - 1n) / price);
}

const sideOf = ({ side, position_intent }: Wire): BrokerOrder['side'] => {
  const told = /^(buy|sell)/i.exec(side || position_intent || '')?.[1]?.toLowerCase();
  if (told !== 'buy' && told !== 'sell')
    throw new WorkstealError('unclear', `its side "${side ?? ''}" is neither buy nor sell`);
  return told;
};

/**
 * Whether it certainly opens or closes a position. The legs of a bracket that wait for the entry close what
 * the entry opens, and an OCO is always an exit. Undefined: the position that is held decides.
 */
function effectOf({ position_intent, order_class, status }: Wire): BrokerOrder['effect'] {
  const told = /_to_(open|close)$/i.exec(position_intent ?? '')?.[1]?.toLowerCase();
  if (told !== undefined) return told === 'open' ? 'opens' : 'closes';
  if (order_class === 'oco' || (status === 'held' && (order_class === 'bracket' || order_class === 'oto')))
    return 'closes';
  return undefined;
}

/** Symbol and side of an order of several legs. @throws WorkstealError where its cost has no bound */
function legsOf(wire: Wire): Pick<Wire, 'symbol' | 'side' | 'asset_class'> {
  if (!isPositive(wire.limit_price)) {
    const price = wire.limit_price === null ? 'at the market' : `at a net price of ${wire.limit_price}`;
    throw new WorkstealError('unclear', `it is an order of several legs ${price}: its cost is unknown`);
  }
  return { symbol: LEGS_SYMBOL, side: 'buy', asset_class: 'us_option' };
}

/** The time of its last fill, or of its end where the broker gives only that. */
function filledAtOf({ filled_at, canceled_at, expired_at, filled_qty }: Wire): number | undefined {
  if (!isPositive(filled_qty)) return undefined;
  const atMs = Date.parse(filled_at ?? canceled_at ?? expired_at ?? '');
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs);
}

/** @throws WorkstealError where its exposure cannot be counted */
function toOrder(given: Wire): BrokerOrder {
  const isLegs = given.symbol === '' && given.order_class === 'mleg';
  const wire = isLegs ? { ...given, ...legsOf(given) } : given;
  const unit = unitOf(wire.symbol, wire.asset_class ?? '', wholeOf(wire.multiplier ?? null));
  const filledAtMs = filledAtOf(wire);
  const effect = isLegs ? 'opens' : effectOf(wire);
  const doubt = isLegs
    ? 'it is an order of several legs: its net price is counted, its positions may cost more'
    : unit.doubt;
  return {
    id: wire.client_order_id ?? '',
    brokerId: wire.id,
    symbol: fromBrokerSymbol(wire.symbol),
    side: sideOf(wire),
    ...amountsOf(wire, unit.multiplier),
    state: stateOf(wire.status ?? ''),
    status: wire.status ?? '',
    ...meaningOf(wire.status ?? ''),
    ...(wire.replaces == null ? {} : { replaces: wire.replaces }),
    ...(wire.replaced_by == null ? {} : { replacedBy: wire.replaced_by }),
    ...(effect === undefined ? {} : { effect }),
    ...(filledAtMs === undefined ? {} : { filledAtMs }),
    ...(unit.currency === undefined ? {} : { currency: unit.currency }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

type Amounts = Pick<
  BrokerOrder,
  'limit' | 'qty' | 'filledQty' | 'filledAvgPrice' | 'notionalMicros' | 'stop'
>;

function amountsOf(wire: Wire, multiplier: bigint): Amounts {
  const price = (text: string | null): string | null => (isPositive(text) ? times(text, multiplier) : null);
  const limit = price(wire.limit_price);
  const stop = price(wire.stop_price);
  const notional = wire.notional === null ? null : clip(unsigned(wire.notional), 'away');
  if (wire.qty === null && notional === null)
    throw new WorkstealError('unclear', 'it has no quantity and no amount');
  const filledQty = clip(unsigned(wire.filled_qty ?? '0'), 'toward');
  const implied = notional === null ? '0' : limit === null ? filledQty : impliedQty(notional, limit);
  return {
    limit,
    qty: wire.qty === null ? implied : clip(unsigned(wire.qty), 'away'),
    filledQty,
    filledAvgPrice: price(wire.filled_avg_price),
    ...(wire.qty === null && notional !== null ? { notionalMicros: dollarsToMicros(notional, 'up') } : {}),
    ...(stop === null ? {} : { stop }),
  };
}

/** An order whose exposure can be counted. */
export const OrderAnswer = OrderWire.transform(toOrder);

/** One item of a list, or of the stream. */
export function readOrder(told: unknown): { order: BrokerOrder } | { oddity: Oddity } {
  const decoded = decode(OrderAnswer, told);
  if (decoded.kind === 'read') return { order: decoded.value };
  const named = Named.safeParse(told).data;
  const ids = { id: named?.client_order_id || named?.id || '', brokerId: named?.id ?? '' };
  const why = decoded.fault.replaceAll(/\s+/g, ' ').replaceAll(/[✖→]\s*/g, '');
  const isLive = stateOf(named?.status ?? '') === 'live';
  return { oddity: { what: 'order', ...ids, symbol: named?.symbol ?? '', why, counts: false, isLive } };
}
