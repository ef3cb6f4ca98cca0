/**
 * DELETE of one or all of a bot's orders: by the ledger's cancellation, which its workers carry out. As with
 * Alpaca, the answer says only that the request was accepted.
 */
import { wrongState } from '../../alpaca-server/errors.ts';
import { isFinal } from '../../domain/order.ts';
import { answerOf } from '../../ledger/answer.ts';
import { isOrderOf } from '../../ledger/bot-ids.ts';
import { open } from '../../ledger/commands/open.ts';
import { readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import { askerOf, type Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { away } from '../refusals.ts';
import { nextEnd } from './next-end.ts';
import { hasEnded, idInLedger, ownOrder } from './versions.ts';

/** One word, for the record. */
const REASON = 'asked';
/** At once, of one bot. */
const BATCH = 32;

/** @throws AlpacaError 404 for an order that is not the bot's, 422 for one that has ended */
export async function cancelOrder(gateway: Gateway, bot: Bot, brokerId: string): Promise<void> {
  const order = await ownOrder(gateway, bot, brokerId);
  const { id, status } = order;
  if (hasEnded(order)) throw wrongState(`order is already in "${status}" state`);
  const outcome = await cancel(gateway, bot, await idInLedger(gateway, order), id);
  if (outcome === 'ended') throw wrongState(`order is already in "${status}" state`);
  if (outcome === 'unknown') throw away('the ledger does not know the order yet; try again');
}

/** Every live order of the bot: the broker's id of each, and 200, or 500 where it can't be cancelled. */
export async function cancelAll(gateway: Gateway, bot: Bot): Promise<{ id: string; status: number }[]> {
  const own = await liveOf(gateway, bot);
  const answers: { id: string; status: number }[] = [];
  for (let at = 0; at < own.length; at += BATCH) {
    const some = own.slice(at, at + BATCH).map((id) => cancelKnown(gateway, bot, id));
    answers.push(...(await Promise.all(some)).flat());
  }
  return answers;
}

/** Waits until the bot has no live order; at the latest until the signal aborts. */
export async function untilNoneIsLive(gateway: Gateway, bot: Bot, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const end = nextEnd(gateway.door.events);
    try {
      if ((await liveOf(gateway, bot)).length === 0) return;
      await end.wait(signal);
    } finally {
      end.stop();
    }
  }
}

async function liveOf({ door: { ledger } }: Gateway, { name }: Bot): Promise<string[]> {
  const live = await answerOf('live orders', ledger.redis.smembers(key(ledger.account, 'live')));
  return live.filter((id) => isOrderOf(name, id)).sort();
}

/** Nothing for an order that is not at the broker. */
async function cancelKnown(
  gateway: Gateway,
  bot: Bot,
  id: string,
): Promise<{ id: string; status: number }[]> {
  const known = await readLedgerOrder(gateway.door.ledger, id);
  if (known === undefined || known.brokerId === '') return [];
  const outcome = await cancel(gateway, bot, id, known.brokerId).catch(() => 'unknown');
  if (outcome === 'ended') return [];
  // One that is being replaced is known to the bot by its replacement, which is what will be cancelled.
  return [{ id: known.nextBrokerId || known.brokerId, status: outcome === 'cancelling' ? 200 : 500 }];
}

async function cancel(
  { door: { coordinator, ledger } }: Gateway,
  bot: Bot,
  id: string,
  brokerId: string,
): Promise<'cancelling' | 'ended' | 'unknown'> {
  let outcome = await coordinator.cancel(id, REASON, askerOf(bot));
  if (outcome === 'not_working') {
    // The broker has it, and the answer to its submission is not on record yet.
    await open(ledger, id, brokerId);
    outcome = await coordinator.cancel(id, REASON, askerOf(bot));
  }
  if (outcome !== 'exists') return outcome === 'not_working' ? 'unknown' : outcome;
  const known = await readLedgerOrder(ledger, id);
  return known !== undefined && isFinal(known.state) ? 'ended' : 'cancelling';
}
