/**
 * The schemas of Alpaca's answers, and their meaning in the port's terms, except for orders (order-wire.ts),
 * positions (position-wire.ts) and the stream (stream-wire.ts). Unknown fields are dropped. An answer that
 * does not match its schema is not used.
 */
import { z } from 'zod';
import { plain } from '../../domain/decimal.ts';
import type { Micros } from '../../domain/money.ts';
import { dollarsToMicros } from '../../domain/money.ts';
import type { BrokerAccount } from '../port.ts';
import { amount, clip } from './amounts.ts';

/** It becomes part of a key in Redis. */
const accountNumber = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not an account number');

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
  crypto_status: z.string().max(64).nullish(),
  shorting_enabled: z.boolean().nullish(),
  multiplier: amount.nullish(),
});

function toAccount(wire: z.output<typeof AccountWire>): BrokerAccount {
  const floor = (text: string): Micros =>
    dollarsToMicros(clip(text, text.startsWith('-') ? 'away' : 'toward'), 'down');
  return {
    number: wire.account_number ?? wire.id ?? '',
    equityMicros: floor(wire.equity),
    buyingPowerMicros: floor(wire.buying_power),
    cashBuyingPowerMicros: floor(wire.non_marginable_buying_power ?? wire.cash),
    shut: shutBy(wire),
    shorting: wire.shorting_enabled ?? true,
    multiplier: wire.multiplier == null ? null : clip(wire.multiplier, 'toward'),
    ...cryptoOf(wire),
  };
}

function cryptoOf({ crypto_status: status }: z.output<typeof AccountWire>): { cryptoShut?: string } {
  if (status == null) return {};
  return { cryptoShut: status === 'ACTIVE' ? '' : `crypto_status ${status}` };
}

/**
 * An account trades while it is ACTIVE and no flag forbids it. Every other status may mean that it does not.
 */
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

export const AccountAnswer = AccountWire.transform(toAccount);

/** A page of orders, and all positions: each item is read on its own (order-wire.ts, position-wire.ts). */
export const OrdersAnswer = z.array(z.unknown()).max(500);
export const PositionsAnswer = z.array(z.unknown()).max(10_000);

/** Each quote is read on its own (QuoteAnswer), so that an odd one does not affect the others. */
export const QuotesAnswer = z.object({ quotes: z.record(z.string(), z.unknown()) });

const side = z.union([z.number(), z.string().max(64).transform(plain).pipe(z.coerce.number())]).nullish();

/**
 * Bid and ask are JSON numbers; 0 or an absent one means that there is none. `t` is the time of the quote,
 * RFC 3339 with nanoseconds.
 */
export const QuoteAnswer = z.object({ ap: side, bp: side, t: z.string().max(40) });

/** Each trade is read on its own (TradeAnswer). */
export const TradesAnswer = z.object({ trades: z.record(z.string(), z.unknown()) });
export const TradeAnswer = z.object({ p: amount.refine((text) => !text.startsWith('-')) });

/** The days themselves are checked where they are used (src/rules/broker-calendar.ts). */
export const CalendarAnswer = z
  .array(z.object({ date: z.string().max(10), open: z.string().max(5), close: z.string().max(5) }))
  .max(20_000);

/**
 * A step or a minimum above 0. One with more decimals than the ledger's nine is ignored, as is a malformed
 * one.
 */
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

/** The body of a refusal, where it is JSON. */
export const ErrorBody = z.object({
  code: z.number().optional(),
  message: z.string().optional(),
  existing_order_id: z.string().max(128).optional().catch(undefined),
});

/** Reads a body by its schema, or returns a short text about its fault. */
export function decode<T>(
  schema: z.ZodType<T>,
  body: unknown,
): { kind: 'read'; value: T } | { kind: 'odd'; fault: string } {
  try {
    const parsed = schema.safeParse(body);
    if (parsed.success) return { kind: 'read', value: parsed.data };
    return { kind: 'odd', fault: z.prettifyError(parsed.error).slice(0, 300) };
  } catch (error) {
    // A symbol or a number that the domain does not accept.
    return { kind: 'odd', fault: error instanceof Error ? error.message : String(error) };
  }
}
