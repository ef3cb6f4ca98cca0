/** A bot's order by the broker's id: of the order as it was first sent, or of one that replaced it. */
import { notFound } from '../../alpaca-server/errors.ts';
import { ledgerId } from '../../broker/order-id.ts';
import { readSuccessors } from '../../ledger/successors.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { brokersOrder, isOwn } from './read.ts';
import { WIRE_ORDER, type WireOrder } from './shown.ts';

/** The broker's words for an order that has ended. */
const ENDED = new Set(['filled', 'canceled', 'expired', 'rejected', 'replaced']);

export function hasEnded({ status }: Pick<WireOrder, 'status'>): boolean {
  return ENDED.has(status);
}

/** @throws AlpacaError 404 for an order that is not the bot's; as the broker's */
export async function ownOrder(gateway: Gateway, bot: Bot, brokerId: string): Promise<WireOrder> {
  const order = WIRE_ORDER.safeParse(await brokersOrder(gateway, brokerId)).data;
  if (order === undefined || !isOwn(bot, order)) throw notFound(`order not found for ${brokerId}`);
  return order;
}

/** The ledger's id of it. @throws WorkstealError `unavailable` */
export async function idInLedger({ door }: Gateway, order: Pick<WireOrder, 'id' | 'client_order_id'>) {
  const { id: brokerId, client_order_id: id } = order;
  const [first] = await readSuccessors(door.ledger, [brokerId]);
  return first ?? ledgerId({ id, brokerId });
}
