/** The broker's order as its bot sees it: with the bot's own client order id. Others stay as they are. */
import { z } from 'zod';
import { clientIdIn, isOrderOf } from '../../ledger/bot-ids.ts';
import { readClientIds } from '../../ledger/client-ids.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** The part of an order in Alpaca's form that the gateway reads. */
export const WIRE_ORDER = z.looseObject({
  id: z.string().min(1).max(128),
  client_order_id: z.string().max(128),
  status: z.string().max(64).catch(''),
  type: z.string().max(64).catch(''),
});
export type WireOrder = z.output<typeof WIRE_ORDER>;

/** The orders of an answer that is a list; what can't be read is left as it is. */
export async function shownTo(ledger: Ledger, bot: string, orders: readonly unknown[]): Promise<unknown[]> {
  const ids = orders.map((order) => {
    const id = WIRE_ORDER.safeParse(order).data?.client_order_id;
    return id !== undefined && isOrderOf(bot, id) ? id : undefined;
  });
  const own = new Map<string, string>();
  const hashed: string[] = [];
  for (const id of new Set(ids)) {
    if (id === undefined) continue;
    const clientId = clientIdIn(bot, id);
    if (clientId === undefined) hashed.push(id);
    else own.set(id, clientId);
  }
  const kept = await readClientIds(ledger, hashed);
  for (const [at, id] of hashed.entries()) own.set(id, kept[at] ?? id);
  return orders.map((order, at) => {
    const clientId = own.get(ids[at] ?? '');
    return clientId === undefined ? order : shownAs(order, clientId);
  });
}

/** What a bot calls this order: its own by the bot's own id, others by the ledger's. */
export async function shownId(ledger: Ledger, bot: string, id: string): Promise<string> {
  if (!isOrderOf(bot, id)) return id;
  return clientIdIn(bot, id) ?? (await readClientIds(ledger, [id]))[0] ?? id;
}

/** An order whose own client order id is known. */
export function shownAs(order: unknown, clientId: string): unknown {
  return { ...(order as object), client_order_id: clientId };
}
