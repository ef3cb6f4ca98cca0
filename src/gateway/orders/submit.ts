/**
 * POST /v2/orders. An entry gets its room from the ledger before it is sent; an order that reduces a position
 * is an exit, whatever the bot says. The ledger and the broker know both by the bot's id
 * (src/ledger/bot-ids.ts).
 */
import { randomUUID } from 'node:crypto';
import { type AlpacaError, unauthorized, unprocessable } from '../../alpaca-server/errors.ts';
import type { Entered, Placed } from '../../coordinator/coordinator.ts';
import { enterConfirmed } from '../../coordinator/enter-exit.ts';
import { toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import type { OrderWish } from '../../domain/order.ts';
import { ledgerIdOf } from '../../ledger/bot-ids.ts';
import { release } from '../../ledger/commands/release.ts';
import type { LedgerOrder } from '../../ledger/commands/snapshot.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import type { Bot } from '../bots.ts';
import { forecastOf, type Told } from '../forecast.ts';
import type { Gateway } from '../gateway.ts';
import { away, duplicate, notPlaced, refusalOf, unclear } from '../refusals.ts';
import { untilFree } from './held-twice.ts';
import { opposed, washTrade } from './in-the-way.ts';
import { inTime } from './in-time.ts';
import { isExit } from './is-exit.ts';
import { makeWay } from './make-way.ts';
import { type NewOrder, readNewOrder } from './new-order.ts';
import { alone } from './posting.ts';
import { requireSmall, requireSymbol } from './rights.ts';
import { shownAs } from './shown.ts';
import { formOf, type Sized, sizeEntry, sizeExit } from './sizing.ts';

export type Posting = { bot: Bot; body: unknown; told: Told };

/** @returns the broker's order with the bot's own id @throws AlpacaError, WorkstealError */
export async function submitOrder(gateway: Gateway, { bot, body, told }: Posting): Promise<unknown> {
  const order = readNewOrder(body);
  return await send(gateway, { bot, order, told }, (signal) => judged(gateway, order, signal));
}

/** An order that closes a part of a position, or all of it; never one that opens another. As submitOrder. */
export async function submitExit(gateway: Gateway, bot: Bot, order: NewOrder): Promise<unknown> {
  const told = { pnl: undefined, fillProbability: undefined };
  return await send(gateway, { bot, order, told }, async (signal) => ({
    kind: 'exit',
    sized: await sizeExit(gateway, order, signal),
  }));
}

type Judged = { kind: OrderWish['kind']; sized: Sized };

async function send(
  gateway: Gateway,
  { bot, order, told }: { bot: Bot; order: NewOrder; told: Told },
  judge: (signal: AbortSignal) => Promise<Judged>,
): Promise<unknown> {
  const { door, settings } = gateway;
  requireSymbol(bot, order.symbol);
  door.requireTrading();
  const clientId = order.clientId ?? randomUUID();
  const id = ledgerIdOf(bot.name, clientId);
  const signal = AbortSignal.timeout(settings.waitMs);
  const judging = judge(signal);
  judging.catch(() => {}); // nobody waits for it where the id is taken
  const work = alone(gateway, { id, clientId, bot }, async (left) => {
    const { kind, sized } = left === undefined ? await judging : again(order, left);
    const { symbol, side } = order;
    if (kind === 'entry') await requireSmall(gateway, bot, { symbol, side, ...sized });
    const pool = poolOfSymbol(symbol, door.rules);
    const wish: OrderWish = {
      ...{ id, symbol, side, kind, mode: bot.mode, limit: sized.limit, qty: sized.qty },
      ...(kind === 'exit' ? { pnl: '0' } : await forecastOf(door.ledger, bot, order, told)),
      ...(left && { pnl: left.pnl, fillProbability: left.fillProbability }),
      owner: `gateway-${bot.name}`,
      ...(kind === 'exit' && { type: sized.form.type }),
      ...(pool !== '' && { pool }),
    };
    if (kind === 'exit') await untilFree(gateway, bot, wish, signal);
    await reserve(gateway, bot, wish, signal);
    await requireKeys(gateway, bot, id);
    if (kind === 'exit') {
      await makeWay(gateway, bot, wish, signal);
      await requireKeys(gateway, bot, id);
    }
    return await place(gateway, bot, wish, sized, signal);
  });
  return shownAs(await inTime(work, settings.waitMs), clientId);
}

/** Gives a reservation back whose bot lost its keys, or some of its rights, while it waited. */
async function requireKeys({ door }: Gateway, { revoked }: Bot, id: string): Promise<void> {
  if (!revoked.aborted) return;
  await release(door.ledger, id, 'revoked').catch(() => {}); // if this fails, its lease runs out
  throw unauthorized();
}

/** Whether it is an exit, and its size; the ledger judges again. */
async function judged(gateway: Gateway, order: NewOrder, signal: AbortSignal): Promise<Judged> {
  const kind = (await beforeSending(isExit(gateway, order))) ? 'exit' : 'entry';
  requireIntent(order, kind);
  const size = kind === 'exit' ? sizeExit : sizeEntry;
  return { kind, sized: await size(gateway, order, signal) };
}

/** The ledger knows what an order does to a position. @throws AlpacaError 422 where the bot says otherwise */
function requireIntent({ side, intent }: NewOrder, kind: 'entry' | 'exit'): void {
  const inferred = `${side}_to_${kind === 'exit' ? 'close' : 'open'}`;
  if (intent !== undefined && intent !== inferred)
    throw unprocessable(`position intent mismatch, inferred: ${inferred}, specified: ${intent}`, 42210000);
}

/**
 * The same order as it was left: a market order has its limit, and an amount its quantity, already.
 * @throws AlpacaError 422 for another one
 */
function again(order: NewOrder, left: LedgerOrder): Judged {
  const { kind, symbol, side, limit, qty } = left;
  const isSame =
    symbol === order.symbol &&
    side === order.side &&
    toNanos(order.qty ?? qty) === toNanos(qty) &&
    toNanos('limit' in order ? order.limit : limit) === toNanos(limit);
  if (!isSame || kind === 'external') throw duplicate();
  return { kind, sized: { limit, qty, form: formOf(order, kind === 'exit' ? order.type : 'limit') } };
}

/** Gets the order its room. @throws AlpacaError where it gets none */
async function reserve(gateway: Gateway, bot: Bot, wish: OrderWish, signal: AbortSignal): Promise<void> {
  let entered = await enter(gateway, wish, signal);
  if (entered.outcome === 'refused' && entered.reason === 'no_price') {
    if ((await gateway.price(wish.symbol)) !== undefined) entered = await enter(gateway, wish, signal);
  }
  if (entered.outcome === 'refused') {
    const { reason, numbers } = entered;
    throw reason === 'opposite'
      ? await opposed(gateway, bot, wish, numbers)
      : refusalOf({ reason, numbers }, wish);
  }
  if (entered.outcome !== 'reserved') throw duplicate();
}

/** What the broker did not say about a position leaves nothing unclear: the order was not sent. */
async function beforeSending<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    if (error instanceof WorkstealError && error.code === 'unclear') throw away(error.message);
    throw error;
  });
}

/** A thief that got no grant in time has given up. */
async function enter({ door, held }: Gateway, wish: OrderWish, signal: AbortSignal): Promise<Entered> {
  try {
    return await beforeSending(enterConfirmed(door.coordinator, held, wish, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw refusalOf({ reason: 'late', numbers: {} }, wish);
  }
}

/** @returns the broker's order */
async function place(
  gateway: Gateway,
  bot: Bot,
  wish: OrderWish,
  { form }: Sized,
  signal: AbortSignal,
): Promise<unknown> {
  const { door, broker } = gateway;
  const placed = await door.coordinator.place(wish, signal, form).catch(async (error: unknown) => {
    if (!signal.aborted) throw error;
    await release(door.ledger, wish.id, 'late').catch(() => {}); // if this fails, its lease runs out
    throw refusalOf({ reason: 'late', numbers: {} }, wish);
  });
  const isThere = placed.outcome === 'working' || (placed.outcome === 'ended' && placed.state !== 'rejected');
  if (!isThere)
    throw await whyNot(gateway, bot, placed as Exclude<typeof placed, { outcome: 'working' }>, wish);
  if (placed.wire !== undefined) return placed.wire;
  const query = { client_order_id: wish.id };
  const answer = await broker.pass({ host: 'trading', path: '/v2/orders:by_client_order_id', query });
  if (answer.kind === 'answered' && answer.status === 200) return answer.body;
  throw unclear();
}

async function whyNot(
  gateway: Gateway,
  bot: Bot,
  placed: Exclude<Placed, { outcome: 'working' }>,
  wish: OrderWish,
): Promise<AlpacaError> {
  if (placed.outcome === 'not_sent' && placed.reason === 'opposite') return await opposed(gateway, bot, wish);
  const refusal = placed.outcome === 'ended' && placed.reason === 'opposite' ? placed.refusal : undefined;
  return refusal === undefined ? notPlaced(placed, wish) : await washTrade(gateway, bot, wish, refusal);
}
