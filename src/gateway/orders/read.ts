/** GET /v2/orders: one, by its client order id, and lists, as the broker answers, with the bot's own ids. */
import { z } from 'zod';
import { notFound } from '../../alpaca-server/errors.ts';
import { isOrderOf, ledgerIdOf } from '../../ledger/bot-ids.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { ask, type Query } from '../pass.ts';
import { shownAs, shownTo, WIRE_ORDER } from './shown.ts';

/** An order by the broker's id; where a bot sees its own alone, another's is not found. */
export async function orderById(gateway: Gateway, bot: Bot, id: string): Promise<unknown> {
  const order = await brokersOrder(gateway, id);
  if (gateway.settings.lists === 'own' && !isOwn(bot, order)) throw notFound(`order not found for ${id}`);
  return (await shownTo(gateway.door.ledger, bot.name, [order]))[0];
}

/** As the broker has it. @throws AlpacaError as the broker's */
export async function brokersOrder(gateway: Gateway, id: string): Promise<unknown> {
  return await ask(gateway, `/v2/orders/${encodeURIComponent(id)}`);
}

/** The bot's order of this id; where it has none and may see all, the account's. */
export async function orderByClientId(gateway: Gateway, bot: Bot, clientId: string): Promise<unknown> {
  const path = '/v2/orders:by_client_order_id';
  const own = await ask(gateway, path, { client_order_id: ledgerIdOf(bot.name, clientId) }, [404]);
  if (own !== undefined) return shownAs(own, clientId);
  if (gateway.settings.lists === 'own') throw notFound('order is not found.');
  const other = await ask(gateway, path, { client_order_id: clientId });
  return (await shownTo(gateway.door.ledger, bot.name, [other]))[0];
}

/** A list. Where a bot sees its own orders alone, it holds those of the broker's list that are its. */
export async function listOrders(gateway: Gateway, bot: Bot, query: Query): Promise<unknown[]> {
  const orders = z
    .array(z.unknown())
    .max(500)
    .parse(await ask(gateway, '/v2/orders', query));
  const seen = gateway.settings.lists === 'all' ? orders : orders.filter((order) => isOwn(bot, order));
  return await shownTo(gateway.door.ledger, bot.name, seen);
}

export function isOwn({ name }: Bot, order: unknown): boolean {
  return isOrderOf(name, WIRE_ORDER.safeParse(order).data?.client_order_id ?? '');
}
