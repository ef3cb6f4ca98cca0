/**
 * The body of POST /v2/orders as a bot sends it: Alpaca's fields, numbers or text. What is malformed is
 * refused with the field's name; what Alpaca has and a gateway has not, with what to use instead.
 */
import { z } from 'zod';
import { unprocessable } from '../../alpaca-server/errors.ts';
import { TIMES_IN_FORCE } from '../../broker/port.ts';
import { fromNanos, isDecimal, numberToDecimal, plain, toNanos } from '../../domain/decimal.ts';
import { ORDER_TYPES, type Side } from '../../domain/order.ts';
import { isSymbol, toSymbol, whyNoSymbol } from '../../domain/symbol.ts';

/** A string or number above zero -> the shortest decimal string. Python writes 0.00001 as `1e-05`. */
export const amount = z
  .union([z.string().max(64).transform(plain), z.number().transform((value) => numberToDecimal(value))])
  .refine(isDecimal, 'must be a decimal with at most 9 decimals')
  .transform((text) => toNanos(text))
  .refine((nanos) => nanos > 0n, 'must be > 0')
  .transform(fromNanos);

/** Half of a surrogate pair can't be written as UTF-8: all such ids would be one. */
export const clientIdText = z
  .string()
  .min(1)
  .max(128, 'must be no more than 128 characters')
  .refine((text) => text.isWellFormed(), 'has characters that are not Unicode');

const INTENTS = ['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close'] as const;

const BODY = z.object({
  symbol: z
    .string()
    .max(64)
    .refine(isSymbol, { error: ({ input }) => whyNoSymbol(String(input)) })
    .transform(toSymbol),
  qty: amount.nullish(),
  notional: amount.nullish(),
  side: z.enum(['buy', 'sell'], 'invalid side'),
  type: z.enum(ORDER_TYPES, 'invalid order type'),
  time_in_force: z.enum(TIMES_IN_FORCE, 'invalid time_in_force'),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  trail_price: amount.nullish(),
  trail_percent: amount.nullish(),
  extended_hours: z.boolean().nullish(),
  client_order_id: clientIdText.nullish(),
  position_intent: z.enum(INTENTS, 'invalid position_intent').nullish(),
  order_class: z.string().max(64).nullish(),
  take_profit: z.unknown().optional(),
  stop_loss: z.unknown().optional(),
  legs: z.unknown().optional(),
});

/** Prices and quantities are decimal strings. Exactly one of `qty` and `notional` is set. */
export type NewOrder = {
  symbol: string;
  side: Side;
  clientId: string | undefined;
  qty: string | undefined;
  notional: string | undefined;
  timeInForce: (typeof TIMES_IN_FORCE)[number];
  extendedHours: boolean | undefined;
  /** What the bot says that it does to a position. */
  intent?: (typeof INTENTS)[number] | undefined;
} & (
  | { type: 'limit'; limit: string }
  | { type: 'market' }
  | { type: 'stop'; stop: string }
  | { type: 'stop_limit'; stop: string; limit: string }
  | { type: 'trailing_stop'; trail: { price: string } | { percent: string } }
);

/** @throws AlpacaError 422 */
export function readNewOrder(body: unknown): NewOrder {
  const parsed = BODY.safeParse(body);
  if (!parsed.success) {
    const { path = [], message = 'the request is malformed' } = parsed.error.issues[0] ?? {};
    throw unprocessable([path.join('.'), message].filter((part) => part !== '').join(': '));
  }
  const order = parsed.data;
  refuseClasses(order);
  if ((order.qty == null) === (order.notional == null))
    throw unprocessable('qty or notional is required, and only one of them');
  return {
    symbol: order.symbol,
    side: order.side,
    clientId: order.client_order_id ?? undefined,
    qty: order.qty ?? undefined,
    notional: order.notional ?? undefined,
    timeInForce: order.time_in_force,
    extendedHours: order.extended_hours ?? undefined,
    intent: order.position_intent ?? undefined,
    ...termsOf(order),
  };
}

type Body = z.output<typeof BODY>;

function refuseClasses({ order_class, take_profit, stop_loss, legs }: Body): void {
  const name = order_class ?? '';
  const isSimple = name === '' || name === 'simple';
  if (isSimple && take_profit == null && stop_loss == null && legs == null) return;
  const what = isSimple ? 'orders with take_profit, stop_loss or legs' : `orders of the class ${name}`;
  throw unprocessable(
    `${what} are not taken here: send the entry as a simple order, and its exits when it has filled`,
    42210000,
  );
}

function termsOf(order: Body) {
  const { type, limit_price: limit, stop_price: stop } = order;
  const required = (text: string | null | undefined, field: string): string => {
    if (text == null) throw unprocessable(`${type} orders require ${field}`);
    return text;
  };
  if (limit != null && type !== 'limit' && type !== 'stop_limit')
    throw unprocessable(`${type} orders must not have a limit price`);
  switch (type) {
    case 'limit':
      return { type, limit: required(limit, 'a limit price') };
    case 'market':
      return { type };
    case 'stop':
      return { type, stop: required(stop, 'a stop price') };
    case 'stop_limit':
      return { type, stop: required(stop, 'a stop price'), limit: required(limit, 'a limit price') };
    case 'trailing_stop':
      return { type, trail: trailOf(order) };
  }
}

function trailOf({ trail_price: price, trail_percent: percent }: Body) {
  if ((price == null) === (percent == null))
    throw unprocessable('trailing_stop orders require trail_price or trail_percent, and only one of them');
  return price != null ? { price } : { percent: percent as string };
}
