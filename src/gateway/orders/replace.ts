/**
 * PATCH /v2/orders/{id}, in the broker's way: a new order, with an id of its own, is to replace the old one.
 * The ledger holds the larger of the two before the broker is asked (docs/decisions/0033).
 */
import { randomUUID } from 'node:crypto';
import { AlpacaError, forbidden, notFound, unauthorized, wrongState } from '../../alpaca-server/errors.ts';
import type { BrokerOrder } from '../../broker/port.ts';
import type { Replaced, ReplaceWish } from '../../coordinator/replace.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import type { OrderWish } from '../../domain/order.ts';
import { ledgerIdOf } from '../../ledger/bot-ids.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { away, duplicate, notReplaced, refusalOf, unclear } from '../refusals.ts';
import { washTrade } from './in-the-way.ts';
import { inTime } from './in-time.ts';
import { alone } from './posting.ts';
import { isOwn } from './read.ts';
import { readReplacement } from './replacement.ts';
import { requireSmall, requireSymbol } from './rights.ts';
import { shownAs, WIRE_ORDER } from './shown.ts';
import { hasEnded, idInLedger } from './versions.ts';

/** The broker replaces no order in these states. */
const TOO_EARLY = new Set(['accepted', 'pending_new', 'pending_cancel', 'pending_replace']);

export type Patching = { bot: Bot; brokerId: string; body: unknown };

/** @returns the broker's new order with the bot's own id @throws AlpacaError, WorkstealError */
export async function patchOrder(gateway: Gateway, { bot, brokerId, body }: Patching): Promise<unknown> {
  gateway.door.requireTrading();
  const { waitMs } = gateway.settings;
  const signal = AbortSignal.timeout(waitMs);
  const old = await atBroker(gateway, bot, brokerId, signal);
  const { clientId = randomUUID(), asks } = readReplacement(body, old.type);
  const nextId = ledgerIdOf(bot.name, clientId);
  const mayExist = async (error: unknown) => error instanceof AlpacaError && error.status >= 500;
  const work = alone(
    gateway,
    { id: nextId, clientId, bot },
    async (left) => {
      if (left !== undefined) throw duplicate(); // an order that is still to be sent
      const known = await readLedgerOrder(gateway.door.ledger, old.id);
      if (known === undefined) throw away('the ledger does not know the order yet; try again');
      const wish = { id: old.id, old: old.order, nextId, ...sized(old.order, known, asks) };
      const { symbol, side } = known;
      if (known.kind !== 'exit') await requireSmall(gateway, bot, { symbol, side, ...wish });
      if (bot.revoked.aborted) throw unauthorized();
      return await replace(gateway, bot, wish, signal);
    },
    mayExist,
  );
  return shownAs(await inTime(work, waitMs), clientId);
}

/** As the broker has it now, and the ledger's id. @throws AlpacaError where it can't be replaced */
async function atBroker(gateway: Gateway, bot: Bot, brokerId: string, signal: AbortSignal) {
  const answer = await gateway.broker.orderByBrokerId(brokerId, signal);
  if (answer.kind === 'unknown') throw away(`the broker did not answer: ${answer.message}`);
  const wire = answer.kind === 'found' ? WIRE_ORDER.safeParse(answer.wire).data : undefined;
  if (answer.kind !== 'found' || wire === undefined || !isOwn(bot, wire))
    throw notFound(`order not found for ${brokerId}`);
  requireSymbol(bot, answer.order.symbol);
  if (hasEnded(wire) || TOO_EARLY.has(wire.status)) throw alreadyIn(wire.status);
  return { id: await idInLedger(gateway, wire), order: answer.order, type: wire.type };
}

/**
 * What the new order will have. The quantity is what it may fill, without the part that has filled. Where a
 * part has, it is always named: without it brokers may begin with the whole quantity again.
 */
function sized(
  { limit, qty, filledQty }: BrokerOrder,
  known: LedgerOrder,
  asks: ReplaceWish['asks'],
): Pick<ReplaceWish, 'limit' | 'qty' | 'asks'> {
  const filled = toNanos(filledQty);
  const left = asks.qty ?? fromNanos(toNanos(qty) - filled);
  return {
    limit: asks.limit ?? limit ?? known.limit,
    qty: left,
    asks: filled > 0n ? { ...asks, qty: left } : asks,
  };
}

async function replace(gateway: Gateway, bot: Bot, wish: ReplaceWish, signal: AbortSignal): Promise<unknown> {
  const { coordinator } = gateway.door;
  let replaced = await coordinator.replace(wish, signal);
  if (replaced.outcome === 'refused' && replaced.reason === 'no_price') {
    const price = await gateway.price(wish.old.symbol);
    if (price !== undefined) replaced = await coordinator.replace(wish, signal);
  }
  switch (replaced.outcome) {
    case 'asked':
      if (replaced.wire === undefined) throw unclear();
      return replaced.wire;
    case 'refused':
      throw refused(replaced, wish);
    case 'rejected':
      throw replaced.why === 'opposite'
        ? await washTrade(gateway, bot, wish.old, replaced.refusal)
        : notReplaced(replaced);
    case 'unclear':
      throw unclear();
  }
}

function refused(
  { reason, numbers }: Extract<Replaced, { outcome: 'refused' }>,
  { old, limit, qty, nextId: id }: ReplaceWish,
): AlpacaError {
  switch (reason) {
    case 'ended':
    case 'moved':
      return alreadyIn('replaced');
    case 'exists':
      return alreadyIn('pending_replace');
    case 'not_working':
      return alreadyIn('pending_cancel');
    case 'unknown':
      return away('the ledger does not know the order yet; try again');
    case 'too_large': {
      const words = `(requested: ${qty}, available: ${numbers['left_qty'] ?? '0'})`;
      return forbidden(`insufficient qty available for order ${words}`);
    }
    default: {
      const { symbol, side } = old;
      const wish: OrderWish = { id, symbol, side, kind: 'entry', mode: 'normal', limit, qty, owner: '' };
      return refusalOf({ reason, numbers }, wish);
    }
  }
}

function alreadyIn(status: string): AlpacaError {
  return wrongState(`order is already in "${status}" state`);
}
