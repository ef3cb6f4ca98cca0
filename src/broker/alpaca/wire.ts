/**
 * Alpaca's answers: what of them is read, and what it means in the port's words. Amounts are strings, unknown fields are
 * dropped, unknown statuses pass (and count as live). A schema's failure is an answer that can't be trusted.
 */
import { z } from 'zod';
import { fromNanos, NANOS, plain, toNanos } from '../../domain/decimal.ts';
import type { Micros } from '../../domain/money.ts';
import { dollarsToMicros, notionalMicros } from '../../domain/money.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { BrokerAccount, BrokerOrder, BrokerPosition } from '../port.ts';

/** A decimal of any precision: averages and costs carry more than nine decimals. */
const amount = z
  .string()
  .max(64)
  .transform(plain)
  .pipe(z.string().regex(/^-?\d+(?:\.\d+)?$/, 'not a decimal'));

/** The broker's own id of an order: what the ledger keeps, and what a URL is made of. */
const brokerId = z.string().regex(/^[!-~]{1,128}$/, 'no id');

const OrderWire = z.object({
  id: brokerId,
  client_order_id: z.string().max(128),
  symbol: z.string().min(1).max(32),
  side: z.enum(['buy', 'sell', 'sell_short']),
  qty: amount.nullish(),
  notional: amount.nullish(),
  filled_qty: amount.nullish(),
  filled_avg_price: amount.nullish(),
  limit_price: amount.nullish(),
  status: z.string().min(1).max(64),
  replaces: brokerId.nullish(),
  replaced_by: brokerId.nullish(),
});

/** It becomes part of a key in Redis. */
const accountNumber = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'no number of an account');

const AccountWire = z.object({
  account_number: accountNumber.nullish(),
  id: accountNumber.nullish(),
  equity: amount,
  buying_power: amount,
  non_marginable_buying_power: amount.nullish(),
  cash: amount,
  trading_blocked: z.boolean().nullish(),
  account_blocked: z.boolean().nullish(),
  trade_suspended_by_user: z.boolean().nullish(),
  status: z.string().max(64).nullish(),
  shorting_enabled: z.boolean().nullish(),
  multiplier: amount.nullish(),
});

const PositionWire = z.object({
  symbol: z.string().min(1).max(32),
  qty: amount,
  qty_available: amount.nullish(),
  side: z.string().max(16).nullish(),
  cost_basis: amount.nullish(),
  avg_entry_price: amount,
  asset_class: z.string().max(32).nullish(),
});

/** Rounds away from or toward zero to nine decimals: what can't be counted exactly is counted on the safe side. */
function clip(text: string, direction: 'away' | 'toward'): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = fraction.slice(0, 9);
  const nanos = toNanos(kept === '' ? whole : `${whole}.${kept}`, 'amount');
  const lost = /[1-9]/.test(fraction.slice(9));
  const step = lost && direction === 'away' ? (text.startsWith('-') ? -1n : 1n) : 0n;
  return fromNanos(nanos + step);
}

const unsigned = (text: string): string => text.replace(/^-/, '');

/**
 * Alpaca's status -> the port's state. `replaced` ends the order with what it had filled; another
 * order with another id goes on for it (src/broker/succession.ts). Everything not named here is live: it may fill or hold buying power.
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

/** An order placed by amount and not by quantity (by hand): its quantity as its limit implies it, rounded up. */
function impliedQty(notional: string, limit: string): string {
  const price = toNanos(limit, 'limit_price');
  return price <= 0n ? '0' : fromNanos((toNanos(notional, 'notional') * NANOS + price - 1n) / price);
}

function toOrder(wire: z.output<typeof OrderWire>): BrokerOrder {
  const limit = wire.limit_price == null ? null : clip(wire.limit_price, 'away');
  const notional = wire.notional == null ? null : clip(wire.notional, 'away');
  const filledQty = clip(wire.filled_qty ?? '0', 'toward');
  const implied = notional === null ? '0' : limit === null ? filledQty : impliedQty(notional, limit);
  return {
    id: wire.client_order_id,
    brokerId: wire.id,
    symbol: toSymbol(wire.symbol),
    side: wire.side === 'buy' ? 'buy' : 'sell',
    limit,
    qty: wire.qty == null ? implied : clip(wire.qty, 'away'),
    filledQty,
    filledAvgPrice: wire.filled_avg_price == null ? null : clip(wire.filled_avg_price, 'away'),
    state: stateOf(wire.status),
    status: wire.status,
    ...(wire.replaces == null ? {} : { replaces: wire.replaces }),
    ...(wire.replaced_by == null ? {} : { replacedBy: wire.replaced_by }),
    ...(wire.qty == null && notional !== null ? { notionalMicros: dollarsToMicros(notional, 'up') } : {}),
  };
}

function toPosition(wire: z.output<typeof PositionWire>): BrokerPosition {
  const avgEntryPrice = clip(unsigned(wire.avg_entry_price), 'away');
  const size = clip(unsigned(wire.qty), 'away');
  const short = wire.side === 'short' || wire.qty.startsWith('-');
  const costMicros: Micros =
    wire.cost_basis == null ? notionalMicros(avgEntryPrice, size) : dollarsToMicros(clip(unsigned(wire.cost_basis), 'away'), 'up');
  return {
    symbol: toSymbol(wire.symbol),
    qty: short ? `-${size}` : size,
    ...(wire.qty_available == null ? {} : { availableQty: clip(unsigned(wire.qty_available), 'toward') }),
    costMicros,
    avgEntryPrice,
    assetClass: wire.asset_class === 'crypto' ? 'crypto' : 'stock',
  };
}

function toAccount(wire: z.output<typeof AccountWire>): BrokerAccount {
  const floor = (text: string): Micros => dollarsToMicros(clip(text, text.startsWith('-') ? 'away' : 'toward'), 'down');
  return {
    number: wire.account_number ?? wire.id ?? '',
    equityMicros: floor(wire.equity),
    buyingPowerMicros: floor(wire.buying_power),
    cashBuyingPowerMicros: floor(wire.non_marginable_buying_power ?? wire.cash),
    shut: shutBy(wire),
    shorting: wire.shorting_enabled ?? true,
    multiplier: wire.multiplier == null ? null : clip(wire.multiplier, 'toward'),
  };
}

/** An account trades while it is ACTIVE and no flag forbids it; every other status may mean that it does not. */
function shutBy(wire: z.output<typeof AccountWire>): string {
  const { status } = wire;
  const words = [
    ...(status == null || status === 'ACTIVE' ? [] : [`status ${status}`]),
    ...(wire.account_blocked ? ['account_blocked'] : []),
    ...(wire.trading_blocked ? ['trading_blocked'] : []),
    ...(wire.trade_suspended_by_user ? ['trade_suspended_by_user'] : []),
  ];
  return words.join(', ');
}

export const OrderAnswer = OrderWire.transform(toOrder);
export const OrdersAnswer = z.array(OrderAnswer).max(500);
export const AccountAnswer = AccountWire.transform(toAccount);
export const PositionsAnswer = z.array(PositionWire.transform(toPosition)).max(10_000);

/** Each quote is read alone (QuoteAnswer): one that is odd costs the others nothing. */
export const QuotesAnswer = z.object({ quotes: z.record(z.string(), z.unknown()) });

const side = z.union([z.number(), z.string().max(64).transform(plain).pipe(z.coerce.number())]).nullish();

/** Bid and ask are JSON numbers; 0, or nothing, says that there is none. `t` is when it was quoted, RFC 3339 with nanoseconds. */
export const QuoteAnswer = z.object({ ap: side, bp: side, t: z.string().max(40) });

/** What the days say is checked where they are used (src/rules/broker-calendar.ts). */
export const CalendarAnswer = z
  .array(z.object({ date: z.string().max(10), open: z.string().max(5), close: z.string().max(5) }))
  .max(20_000);

/** A step or a minimum above 0; finer than the ledger's nine decimals, or none at all: as if it were not told. */
const step = amount
  .nullish()
  .transform((text) => (text == null || /^-|\.\d{10}/.test(text) || !/[1-9]/.test(text) ? undefined : text))
  .catch(undefined);
const fact = z
  .boolean()
  .nullish()
  .transform((told) => told ?? undefined);

export const AssetWire = z.object({
  class: z.string().max(32).optional(),
  status: z.string().max(32).optional(),
  tradable: fact,
  shortable: fact,
  fractionable: fact,
  min_order_size: step,
  min_trade_increment: step,
  price_increment: step,
});

/** A refusal's body, as far as it is JSON. */
export const ErrorBody = z.object({ code: z.number().optional(), message: z.string().optional() });

/** A frame of the trade updates stream. */
const Frame = z.discriminatedUnion('stream', [
  z.object({ stream: z.literal('authorization'), data: z.object({ status: z.string().max(64) }) }),
  z.object({ stream: z.literal('listening'), data: z.object({ streams: z.array(z.string().max(64)).max(16) }) }),
  z.object({ stream: z.literal('trade_updates'), data: z.object({ event: z.string().max(64), order: OrderAnswer }) }),
]);

/** The same; undefined for a frame of a stream that was not asked for. */
export const StreamFrame = z.union([
  Frame,
  z
    .object({ stream: z.string().refine((name) => !['authorization', 'listening', 'trade_updates'].includes(name)) })
    .transform(() => undefined),
]);

/** Reads a body by its schema, or says (shortly) what is wrong with it. */
export function decode<T>(schema: z.ZodType<T>, body: unknown): { kind: 'read'; value: T } | { kind: 'odd'; fault: string } {
  try {
    const parsed = schema.safeParse(body);
    if (parsed.success) return { kind: 'read', value: parsed.data };
    return { kind: 'odd', fault: z.prettifyError(parsed.error).slice(0, 300) };
  } catch (error) {
    // A symbol or a figure that the domain can't take.
    return { kind: 'odd', fault: error instanceof Error ? error.message : String(error) };
  }
}
