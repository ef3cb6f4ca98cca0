/**
 * The order that keeps another one out: the broker nets positions, and lets no two orders of one account
 * trade with each other. A bot is told which order that is, whose, and what would have to change.
 */
import { AlpacaError, forbidden } from '../../alpaca-server/errors.ts';
import type { BrokerRefusal } from '../../coordinator/answers.ts';
import { toNanos } from '../../domain/decimal.ts';
import { isFinal, type OrderWish, type Side } from '../../domain/order.ts';
import { botIn } from '../../ledger/bot-ids.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Fields } from '../../ledger/reply.ts';
import { readSide } from '../../ledger/sides.ts';
import { canMeet, hasLimit, nearestLimit, typeOf } from '../../rules/wash-trade.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { shownId, WIRE_ORDER } from './shown.ts';

export const WASH = 'potential wash trade detected. use complex orders';

type Wish = Pick<OrderWish, 'symbol' | 'side'>;
/** `limit`: null at the market. */
type InTheWay = { id: string; side: Side; symbol: string; qty: string; limit: string | null };

/** The live orders on the other side of a symbol, as the ledger has them. */
export async function otherSideOf(
  { door: { ledger } }: Pick<Gateway, 'door'>,
  { symbol, side }: Wish,
): Promise<LedgerOrder[]> {
  return await readSide(ledger, symbol, side === 'buy' ? 'sell' : 'buy');
}

/**
 * An entry that the ledger keeps out: by an order of the other side, or by a position there. An exit of a
 * position on its own side is in its way as at the broker, by the wash trade rule.
 * @param numbers of the ledger's refusal, where they are known
 */
export async function opposed(
  gateway: Gateway,
  bot: Bot,
  wish: Pick<OrderWish, 'symbol' | 'side' | 'limit'>,
  { by: id = '', held_qty: heldQty = '0' }: Fields = {},
): Promise<AlpacaError> {
  const isHeld = toNanos(heldQty) !== 0n;
  const other = await theOther(gateway, wish, id);
  if (other?.kind === 'exit' && !isHeld) return await besideExit(gateway, bot, wish, other);
  const words =
    wish.side === 'buy'
      ? 'cannot open a long buy while a short sell order is open'
      : 'cannot open a short sell while a long buy order is open';
  if (other !== undefined) {
    const { by, subject } = await named(gateway, bot, other);
    return forbidden(`${words}: ${subject} is on the other side; send it again when that has ended`, by);
  }
  const what = isHeld ? `the account holds ${heldQty} ${wish.symbol}` : 'it has ended by now';
  const sentence = `${what}; ${isHeld ? 'close that first' : 'try again'}`;
  return forbidden(`${words}: ${sentence}`, { worksteal: { reason: 'opposite', sentence, by: '' } });
}

/** The order that the ledger named, as long as it lives; else the first that keeps the entry out. */
async function theOther(
  gateway: Gateway,
  wish: Pick<OrderWish, 'symbol' | 'side' | 'limit'>,
  id: string,
): Promise<LedgerOrder | undefined> {
  const named = id === '' ? undefined : await readLedgerOrder(gateway.door.ledger, id);
  if (named !== undefined && !isFinal(named.state)) return named;
  const others = await otherSideOf(gateway, wish);
  return others.find((other) => other.kind !== 'exit' || isMet(wish, other)) ?? others[0];
}

function isMet({ side, limit }: Pick<OrderWish, 'side' | 'limit'>, other: LedgerOrder): boolean {
  return canMeet({ side, limit, type: 'limit' }, other);
}

async function besideExit(
  gateway: Gateway,
  bot: Bot,
  wish: Pick<OrderWish, 'side' | 'limit'>,
  exit: LedgerOrder,
): Promise<AlpacaError> {
  const { by, subject, isOwn } = await named(gateway, bot, exit);
  const isLimit = hasLimit(typeOf(exit));
  const limit = beyond(wish, nearestLimit(exit, wish.side));
  const more = isLimit && isMet(wish, exit) ? `, or send a limit order ${limit}` : '';
  return forbidden(`${WASH}: ${subject} is in its way; ${untilGone(isOwn)}${more}`, {
    ...(exit.brokerId !== '' && { existing_order_id: exit.brokerId }),
    reject_reason: `opposite side ${isLimit ? 'limit' : 'market/stop'} order exists`,
    ...by,
  });
}

function untilGone(isOwn: boolean): string {
  return isOwn ? 'cancel it first' : 'send it again when that has ended';
}

/** What the broker refused because it could trade with an order of the other side. */
export async function washTrade(
  gateway: Gateway,
  bot: Bot,
  wish: Wish,
  { message, status = 403, code = 40310000, by: brokerId }: BrokerRefusal,
): Promise<AlpacaError> {
  const other =
    brokerId === undefined ? (await otherSideOf(gateway, wish))[0] : await atBroker(gateway, brokerId);
  if (other === undefined) return new AlpacaError(status, code, message);
  const { by, subject, isOwn } = await named(gateway, bot, other);
  const limit = other.limit === null ? '' : `, or send a limit order ${beyond(wish, other.limit)}`;
  return new AlpacaError(status, code, `${message}: ${subject} is in its way; ${untilGone(isOwn)}${limit}`, {
    ...(brokerId !== undefined && { existing_order_id: brokerId }),
    ...by,
  });
}

/**
 * An exit for which another's entry is to be cancelled, and has not ended in time. An entry can be cancelled
 * only once the broker has said that it took it.
 */
export async function stillInTheWay(gateway: Gateway, bot: Bot, other: LedgerOrder): Promise<AlpacaError> {
  const { by, subject } = await named(gateway, bot, other);
  const why =
    other.state === 'reserved'
      ? 'may be at the broker, which has not said yet whether it took it: it can not be cancelled before that'
      : 'is being cancelled for it, and has not ended yet';
  return forbidden(`${WASH}: ${subject} ${why}; try again with a new client_order_id`, {
    ...(other.brokerId !== '' && { existing_order_id: other.brokerId }),
    ...by,
  });
}

function beyond({ side }: Pick<Wish, 'side'>, limit: string): string {
  return `${side === 'sell' ? 'above' : 'below'} ${limit}`;
}

async function atBroker({ broker }: Gateway, brokerId: string): Promise<InTheWay | undefined> {
  const answer = await broker.orderByBrokerId(brokerId).catch(() => undefined);
  if (answer?.kind !== 'found') return undefined;
  const id = WIRE_ORDER.safeParse(answer.wire).data?.client_order_id;
  return { ...answer.order, id: id ?? answer.order.id };
}

/** Whose it is, for people and as fields. The bot's own orders have the bot's own ids. */
async function named(
  { door: { ledger } }: Gateway,
  bot: Bot,
  { id, side, qty, symbol, limit }: InTheWay,
): Promise<{ by: { worksteal: Record<string, string> }; subject: string; isOwn: boolean }> {
  const owner = botIn(id);
  const isOwn = owner === bot.name;
  const shown = await shownId(ledger, bot.name, id);
  const whose = isOwn ? `your order ${shown}` : `the order ${shown}${owner ? ` of the bot ${owner}` : ''}`;
  const subject = `${whose} (${side} ${qty} ${symbol} at ${limit ?? 'the market'})`;
  const worksteal = { reason: 'opposite', sentence: subject, by: shown, ...(owner && { bot: owner }) };
  return { by: { worksteal }, subject, isOwn };
}
