/** What a bot's key pair allows. */
import { forbidden } from '../../alpaca-server/errors.ts';
import { dollarsToMicros, microsToDollars, notionalMicros } from '../../domain/money.ts';
import type { Side } from '../../domain/order.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';

export function mayTrade({ symbols }: Pick<Bot, 'symbols'>, symbol: string): boolean {
  return symbols.length === 0 || symbols.includes(symbol);
}

/** @throws AlpacaError 403 for a symbol that the key may not trade */
export function requireSymbol(bot: Bot, symbol: string): void {
  if (mayTrade(bot, symbol)) return;
  const { name, symbols } = bot;
  throw forbidden(`the key of ${name} may not trade ${symbol}, only ${symbols.slice(0, 10).join(', ')}`);
}

/**
 * A short sale counts at its limit or at the price, whichever is higher: its limit is the least it brings.
 * @throws AlpacaError 403 for an entry above the key's largest
 */
export async function requireSmall(
  { price }: Pick<Gateway, 'price'>,
  { maxNotional, name }: Bot,
  { symbol, side, limit, qty }: { symbol: string; side: Side; limit: string; qty: string },
): Promise<void> {
  if (maxNotional === null) return;
  const quote = side === 'sell' ? await price(symbol) : undefined;
  const micros = Math.max(notionalMicros(limit, qty), quote === undefined ? 0 : notionalMicros(quote, qty));
  if (micros <= dollarsToMicros(maxNotional, 'down')) return;
  const asked = microsToDollars(micros);
  throw forbidden(`the key of ${name} may enter ${maxNotional} USD at once, and this order is ${asked} USD`);
}
