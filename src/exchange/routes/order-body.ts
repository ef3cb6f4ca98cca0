/**
 * Parses the bodies of POST and PATCH /v2/orders, and the query of GET /v2/orders. Invalid input is a 422
 * with the field's name.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { unprocessable } from '../../alpaca-server/errors.ts';
import { isDecimal, numberToDecimal, toNanos } from '../../domain/decimal.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { Book, OrderFilter } from '../book.ts';
import { parseIsoNanos } from '../market-clock.ts';
import type { NewOrder, Trail } from '../orders.ts';
import type { ReplaceRequest } from '../replacements.ts';

/** A string or number above zero -> nanos. */
const amount = z
  .union([z.string(), z.number().transform((value) => numberToDecimal(value))])
  .refine((text) => isDecimal(text), 'must be a decimal with at most 9 decimals')
  .transform((text) => toNanos(text))
  .refine((nanos) => nanos > 0n, 'must be > 0');

const clientId = z.string().min(1).max(128, 'must be no more than 128 characters');
const timeInForce = z.enum(['day', 'gtc', 'ioc'], 'invalid time_in_force');

const newOrderSchema = z.object({
  symbol: z.string().min(1).max(21),
  qty: amount.nullish(),
  notional: amount.nullish(),
  side: z.enum(['buy', 'sell'], 'invalid side'),
  type: z.enum(['limit', 'market', 'stop', 'stop_limit', 'trailing_stop'], 'invalid order type'),
  time_in_force: timeInForce,
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  trail_price: amount.nullish(),
  trail_percent: amount.nullish(),
  extended_hours: z.boolean().nullish(),
  client_order_id: clientId.nullish(),
  order_class: z.enum(['', 'simple'], 'invalid order_class: only simple orders are traded here').nullish(),
});

const replaceSchema = z.object({
  qty: amount.nullish(),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  trail: amount.nullish(),
  time_in_force: timeInForce.nullish(),
  client_order_id: clientId.nullish(),
});

const time = z
  .string()
  .transform((text) => parseIsoNanos(text))
  .refine((ns) => ns !== null, 'is not an RFC 3339 time');

const listSchema = z.object({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  direction: z.enum(['asc', 'desc']).default('desc'),
  after: time.optional(),
  until: time.optional(),
  after_order_id: z.string().optional(),
  before_order_id: z.string().optional(),
  symbols: z.string().max(10_000).optional(),
  side: z.enum(['buy', 'sell']).optional(),
  asset_class: z.enum(['us_equity', 'crypto', 'all']).optional(),
  nested: z.string().optional(),
});

function read<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw unprocessable(`${field === '' ? '' : `${field}: `}${issue?.message ?? 'the request is malformed'}`);
}

export function readNewOrder(body: unknown): NewOrder {
  const order = read(newOrderSchema, body);
  if ((order.qty == null) === (order.notional == null))
    throw unprocessable('qty or notional is required, and only one of them');
  requireTerms(order);
  if (order.notional != null && order.type !== 'market')
    throw unprocessable('notional orders are traded here as market orders only');
  return {
    clientId: order.client_order_id ?? randomUUID(),
    symbol: toSymbol(order.symbol),
    side: order.side,
    type: order.type,
    timeInForce: order.time_in_force,
    limitNanos: order.limit_price ?? null,
    stopNanos: order.stop_price ?? null,
    trail: trailOf(order),
    qtyNanos: order.qty ?? null,
    notionalNanos: order.notional ?? null,
    extendedHours: order.extended_hours ?? false,
  };
}

type Body = z.output<typeof newOrderSchema>;

/** Each type has its own prices, and no others. */
function requireTerms({ type, limit_price, stop_price, trail_price, trail_percent }: Body): void {
  const check = (given: unknown, isRequired: boolean, what: string): void => {
    if (isRequired && given == null) throw unprocessable(`${type} orders require ${what}`);
    if (!isRequired && given != null) throw unprocessable(`${type} orders must not have ${what}`);
  };
  check(limit_price, type === 'limit' || type === 'stop_limit', 'a limit price');
  check(stop_price, type === 'stop' || type === 'stop_limit', 'a stop price');
  check(trail_price ?? trail_percent, type === 'trailing_stop', 'trail_price or trail_percent');
  if (trail_price != null && trail_percent != null)
    throw unprocessable('only one of trail_price and trail_percent can be given');
}

function trailOf({ trail_price, trail_percent }: Body): Trail | null {
  if (trail_price != null) return { priceNanos: trail_price };
  return trail_percent != null ? { percentNanos: trail_percent } : null;
}

export function readReplacement(body: unknown): ReplaceRequest {
  const change = read(replaceSchema, body);
  return {
    ...(change.qty != null && { qtyNanos: change.qty }),
    ...(change.limit_price != null && { limitNanos: change.limit_price }),
    ...(change.stop_price != null && { stopNanos: change.stop_price }),
    ...(change.trail != null && { trailNanos: change.trail }),
    ...(change.time_in_force != null && { timeInForce: change.time_in_force }),
    ...(change.client_order_id != null && { clientId: change.client_order_id }),
  };
}

/** The query of a list. Its bounds are times or order ids, not both. */
export function readFilter(query: unknown, book: Book): OrderFilter {
  const asked = read(listSchema, query);
  const byId = asked.after_order_id !== undefined || asked.before_order_id !== undefined;
  if (byId && (asked.after !== undefined || asked.until !== undefined)) {
    throw unprocessable('order ids cannot be used with after or until');
  }
  if (asked.after_order_id !== undefined && asked.before_order_id !== undefined) {
    throw unprocessable('only one of before_order_id and after_order_id can be given');
  }
  return {
    status: asked.status,
    limit: asked.limit,
    ascending: asked.direction === 'asc',
    afterNs: asked.after ?? null,
    untilNs: asked.until ?? null,
    afterSeq: seqOf(book, asked.after_order_id),
    beforeSeq: seqOf(book, asked.before_order_id),
    symbols: asked.symbols
      ? new Set(asked.symbols.split(',').map((symbol) => toSymbol(symbol.trim())))
      : null,
    side: asked.side ?? null,
    assetClass:
      asked.asset_class === 'crypto' ? 'crypto' : asked.asset_class === 'us_equity' ? 'stock' : null,
  };
}

function seqOf(book: Book, id: string | undefined): number | null {
  if (id === undefined) return null;
  const order = book.get(id);
  if (!order) throw unprocessable(`order not found for ${id}`);
  return order.seq;
}
