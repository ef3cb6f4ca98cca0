/**
 * DELETE of one or all positions. Each is closed by a market order of the bot's, an exit, which the ledger
 * judges and the coordinator sends like any other (src/gateway/orders/submit.ts). The positions are the
 * account's; a key that may trade some symbols only closes those only.
 */
import { z } from 'zod';
import { AlpacaError, unprocessable } from '../../alpaca-server/errors.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { isCryptoSymbol, isSymbol, toSymbol } from '../../domain/symbol.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { cancelAll, untilNoneIsLive } from '../orders/cancel.ts';
import { amount } from '../orders/new-order.ts';
import { mayTrade, requireSymbol } from '../orders/rights.ts';
import { submitExit } from '../orders/submit.ts';
import { ask } from '../pass.ts';
import { ofError } from '../refusals.ts';

const POSITION = z.looseObject({
  symbol: z.string().max(64).refine(isSymbol, 'is no symbol').transform(toSymbol),
  side: z.enum(['long', 'short']),
  /** Of a short position Alpaca tells it below zero. */
  qty: z
    .string()
    .max(64)
    .transform((text): string | number => text.replace(/^-/, ''))
    .pipe(amount),
});
type Position = z.output<typeof POSITION>;

const PART = z.object({ qty: amount.optional(), percentage: amount.optional() });
/** Python's clients write `True`. */
const ALL = z.object({
  cancel_orders: z
    .string()
    .max(8)
    .toLowerCase()
    .pipe(z.enum(['true', 'false'], 'must be true or false'))
    .default('false'),
});

/** 100 percent, in nanos of a percent. */
const WHOLE = toNanos('100');
/** Positions that are closed at once. */
const ABREAST = 8;

/** The result of one position of all: its order, or the refusal. */
export type Closed = { symbol: string; status: number; body: unknown };

/**
 * @param query `qty` or `percentage`; all of it without either
 * @returns the broker's order
 * @throws AlpacaError, WorkstealError
 */
export async function closePosition(
  gateway: Gateway,
  bot: Bot,
  symbol: string,
  query: unknown,
): Promise<unknown> {
  const part = PART.parse(query);
  if (part.qty !== undefined && part.percentage !== undefined)
    throw unprocessable('only one of qty and percentage can be given');
  if (part.percentage !== undefined && toNanos(part.percentage) > WHOLE)
    throw unprocessable('percentage: must be at most 100');
  const path = `/v2/positions/${encodeURIComponent(isSymbol(symbol) ? toSymbol(symbol) : symbol)}`;
  const position = POSITION.parse(await ask(gateway, path));
  requireSymbol(bot, position.symbol);
  const held = toNanos(position.qty);
  const nanos = (held * toNanos(part.percentage ?? '100')) / WHOLE;
  if (nanos === 0n) throw unprocessable('percentage: it is less than the smallest part of the position');
  return await close(gateway, bot, { ...position, qty: part.qty ?? fromNanos(nanos) });
}

/**
 * @param query `cancel_orders=true`: the bot's own live orders are cancelled first
 * @returns one result for each position of a symbol that the bot may trade
 */
export async function closeAll(gateway: Gateway, bot: Bot, query: unknown): Promise<Closed[]> {
  const { cancel_orders } = ALL.parse(query);
  if (cancel_orders === 'true') {
    await cancelAll(gateway, bot);
    await untilNoneIsLive(gateway, bot, AbortSignal.timeout(gateway.settings.waitMs));
  }
  const listed = z
    .array(z.looseObject({ symbol: z.string().max(64) }))
    .max(10_000)
    .parse(await ask(gateway, '/v2/positions'));
  const own = listed.filter(({ symbol }) => mayTrade(bot, isSymbol(symbol) ? toSymbol(symbol) : symbol));
  const results: Closed[] = [];
  for (let at = 0; at < own.length; at += ABREAST)
    results.push(...(await Promise.all(own.slice(at, at + ABREAST).map((one) => closed(gateway, bot, one)))));
  return results;
}

async function close(gateway: Gateway, bot: Bot, { symbol, side, qty }: Position): Promise<unknown> {
  return await submitExit(gateway, bot, {
    ...{ symbol, qty, side: side === 'long' ? 'sell' : 'buy', type: 'market' },
    timeInForce: isCryptoSymbol(symbol) ? 'gtc' : 'day',
    ...{ clientId: undefined, notional: undefined, extendedHours: undefined },
  });
}

/** A position that can't be read is refused alone: the others are closed. */
async function closed(gateway: Gateway, bot: Bot, listed: { symbol: string }): Promise<Closed> {
  const read = POSITION.safeParse(listed);
  const { symbol } = listed;
  try {
    if (!read.success) throw unprocessable(`${symbol}: this position can't be closed here`);
    return { symbol: read.data.symbol, status: 200, body: await close(gateway, bot, read.data) };
  } catch (error) {
    const told = error instanceof AlpacaError ? error : ofError(error);
    if (told === undefined) throw error;
    return { symbol, status: told.status, body: told.body() };
  }
}
