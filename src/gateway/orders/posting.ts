/**
 * One request at a time posts an order, whichever gateway it comes to. What an earlier one left that died, or
 * whose answer was lost, decides what the same request gets now.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { REFUSAL_KINDS } from '../../broker/port.ts';
import { isFinal } from '../../domain/order.ts';
import { clientIdIn } from '../../ledger/bot-ids.ts';
import {
  beginPosting,
  endPosting,
  forgetClientId,
  keepClientId,
  renewPosting,
} from '../../ledger/client-ids.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { duplicate, isDuplicate, notSent, unclear } from '../refusals.ts';

/** How often a request looks whether the one before it has ended. */
const LOOK_MS = 50;

/** `id`: of the order in the ledger or at the broker; `clientId`: what the bot calls it. */
export type Naming = { bot: Bot; id: string; clientId: string };

/**
 * @param mayExist whether the order may be there although the work failed
 * @param work gets the order that an earlier request left reserved, or waiting for its room; undefined for
 *   none. It was not sent.
 * @throws AlpacaError 422 where the id stands for another order of the bot, or for one at the broker; 503 for
 *   one that was never sent and never will be; 500 where an earlier request has not ended in time
 */
export async function alone<T>(
  gateway: Gateway,
  { id, clientId, bot }: Naming,
  work: (left: LedgerOrder | undefined) => Promise<T>,
  mayExist: (error: unknown) => Promise<boolean> = async () =>
    (await readLedgerOrder(gateway.door.ledger, id)) !== undefined,
): Promise<T> {
  const { ledger, leaseMs } = gateway.door;
  // A gateway that dies holds the id for as long as the room of its order.
  const taking = beginPosting(ledger, id, leaseMs);
  // Sent behind it, in the same round trip.
  const reading = readLedgerOrder(ledger, id);
  reading.catch(() => {}); // nobody waits for it where the id is taken
  const isFree = (await taking) !== undefined;
  const mine = (await taking) ?? (await whenFree(gateway, id));
  if (mine === undefined) throw unclear();
  let isPosted = false;
  const renewing = setInterval(() => {
    renewPosting(ledger, id, mine, leaseMs).catch(() => {}); // the next one may succeed
  }, leaseMs / 3);
  try {
    const left = unsent(await (isFree ? reading : readLedgerOrder(ledger, id)));
    const isKept = clientIdIn(bot.name, id) === undefined;
    if (isKept) await keepClientId(ledger, id, clientId);
    try {
      const posted = await work(left);
      isPosted = true;
      return posted;
    } catch (error) {
      // Another order of the bot may have the id. Where the ledger does not say whether the order is there,
      // the bot is told what became of it all the same, and its id stays.
      const isGone = isKept && !isDuplicate(error) && !(await mayExist(error).catch(() => true));
      if (isGone) await forgetClientId(ledger, id).catch(() => {}); // if this fails, it expires by itself
      throw error;
    }
  } finally {
    clearInterval(renewing);
    const ended = endPosting(ledger, id, mine).catch(() => {}); // if this fails, it ends by itself
    // The id of an order is taken whether or not this has ended; a refused one may be used again at once.
    if (!isPosted) await ended;
  }
}

/** Another request posts under this id, or a gateway died while it did: what it leaves decides. */
async function whenFree({ door, settings }: Gateway, id: string): Promise<string | undefined> {
  const untilMs = performance.now() + settings.waitMs;
  while (performance.now() < untilMs) {
    await sleep(LOOK_MS);
    const mine = await beginPosting(door.ledger, id, door.leaseMs);
    if (mine !== undefined) return mine;
  }
  return undefined;
}

/** The order, if it can still be sent; undefined without an order. @throws AlpacaError where it can't */
function unsent(order: LedgerOrder | undefined): LedgerOrder | undefined {
  if (order === undefined) return undefined;
  const { state, sentAtMs, brokerId, reason } = order;
  if ((state === 'reserved' || state === 'pending') && sentAtMs === 0) return order;
  if (brokerId !== '' || isRefused(reason)) throw duplicate();
  throw isFinal(state) ? notSent(reason) : unclear();
}

/** Did the broker refuse the order itself? The same order would be refused again. */
function isRefused(reason: string): boolean {
  return reason !== 'not_sent' && REFUSAL_KINDS.some((kind) => kind === reason);
}
