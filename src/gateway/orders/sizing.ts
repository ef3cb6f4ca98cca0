/**
 * Limit, quantity and form of a bot's order. An entry is always sent with a limit, so that the cap can't be
 * passed: a market order gets the quote and a collar. An amount of money becomes a quantity at that limit.
 */
import { unprocessable } from '../../alpaca-server/errors.ts';
import type { OrderForm } from '../../broker/port.ts';
import { fromNanos, NANOS, toNanos } from '../../domain/decimal.ts';
import type { Side } from '../../domain/order.ts';
import { legalPrice, type PriceSteps } from '../../rules/legal-price.ts';
import type { Gateway } from '../gateway.ts';
import type { NewOrder } from './new-order.ts';

/** `limit`: of an exit without a limit of its own, a price near which it will trade. */
export type Sized = { limit: string; qty: string; form: OrderForm };

/** @throws AlpacaError 422 for a type that can't be an entry, or a market order without a quote */
export async function sizeEntry(gateway: Gateway, order: NewOrder, signal: AbortSignal): Promise<Sized> {
  const { type, symbol, side } = order;
  if (type !== 'limit' && type !== 'market')
    throw unprocessable(
      `${type} orders can't open a position here: send a limit or a market order, and this one as its exit`,
      42210000,
    );
  const limit = type === 'limit' ? order.limit : await collared(gateway, symbol, side, signal);
  const qty = await quantityOf(gateway, order, { limit, isLong: side === 'buy' }, signal);
  return { limit, qty, form: formOf(order, 'limit') };
}

/** The order may have any type. @throws AlpacaError 422 for an amount of money without a quote */
export async function sizeExit(gateway: Gateway, order: NewOrder, signal: AbortSignal): Promise<Sized> {
  if (order.notional !== undefined && order.type !== 'market')
    throw unprocessable('notional: goes with a market order only; give qty', 42210000);
  const limit = 'limit' in order ? order.limit : await nearPrice(gateway, order);
  const qty = await quantityOf(gateway, order, { limit, isLong: order.side === 'sell' }, signal);
  return { limit, qty, form: formOf(order, order.type) };
}

/** As the broker gets it, with this type. */
export function formOf(order: NewOrder, type: NewOrder['type']): OrderForm {
  const { timeInForce, extendedHours } = order;
  const common = { timeInForce, ...(extendedHours !== undefined && { extendedHours }) };
  if (type === 'stop' || type === 'stop_limit')
    return { ...common, type, stop: (order as { stop: string }).stop };
  if (type === 'trailing_stop' && 'trail' in order) return { ...common, type, trail: order.trail };
  return { ...common, type: type === 'market' ? 'market' : 'limit' };
}

async function collared(
  { price, door, settings }: Gateway,
  symbol: string,
  side: Side,
  signal: AbortSignal,
): Promise<string> {
  const [quote, steps] = await Promise.all([price(symbol), door.coordinator.priceSteps(symbol, signal)]);
  if (quote === undefined)
    throw unprocessable(`${symbol} has no quote now: send a limit order instead`, 42210000);
  return collaredLimit(steps, side, quote, settings.collar);
}

/** The quote, worse by the share `collar`, at a price step: the nearest one on the quote's side. */
export function collaredLimit(steps: PriceSteps, side: Side, quote: string, collar: string): string {
  const share = toNanos(collar);
  const nanos = (toNanos(quote) * (side === 'buy' ? NANOS + share : NANOS - share)) / NANOS;
  return legalPrice(steps, nanos, side === 'buy' ? 'down' : 'up');
}

async function nearPrice({ price }: Gateway, order: NewOrder): Promise<string> {
  if ('stop' in order) return order.stop;
  const quote = await price(order.symbol);
  if (quote === undefined && order.notional !== undefined)
    throw unprocessable(`${order.symbol} has no quote now: give qty instead of notional`, 42210000);
  return quote ?? '1';
}

/** @param at `isLong`: of the position that it opens or closes; short ones have a step of their own */
async function quantityOf(
  { door }: Gateway,
  { qty, notional, symbol }: NewOrder,
  { limit, isLong }: { limit: string; isLong: boolean },
  signal: AbortSignal,
): Promise<string> {
  if (qty !== undefined) return qty;
  const asset = await door.coordinator.asset(symbol, signal);
  const step = (isLong ? asset?.qtyStep : asset?.shortQtyStep) ?? null;
  return quantityFor(notional as string, limit, step);
}

/** What the money buys at the limit, rounded down to the step. @throws AlpacaError 422 if that is nothing */
export function quantityFor(notional: string, limit: string, step: string | null): string {
  const stepNanos = step === null ? 1n : toNanos(step);
  const nanos = (toNanos(notional) * NANOS) / toNanos(limit);
  const rounded = nanos - (nanos % stepNanos);
  if (rounded > 0n) return fromNanos(rounded);
  throw unprocessable(`notional: ${notional} USD buys less than ${step ?? '0.000000001'} at ${limit}`);
}
