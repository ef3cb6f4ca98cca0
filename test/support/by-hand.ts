/** A person at the broker, beside the fleet: worksteal knows none of their orders in advance. */
import { z } from 'zod';

const Order = z.object({ id: z.string() });
const Replacing = z.object({ client_order_id: z.string() });
const Positions = z.array(z.object({ symbol: z.string(), qty: z.string(), asset_class: z.string() }));

export type ByHand = {
  /** Client order ids that were cancelled so. */
  readonly cancelled: readonly string[];
  /** New client order id -> that of the order which it took the place of. */
  readonly changed: ReadonlyMap<string, string>;
  buy(symbol: string, qty: string, limit: string): Promise<void>;
  /** Cancels the order with this client order id, whoever's it is. */
  cancel(id: string): Promise<void>;
  cancelAll(): Promise<void>;
  /**
   * Changes the limit or the quantity of the order with this client order id, as the broker's app does.
   * @returns the new order's client order id
   */
  change(id: string, to: { limit_price?: string; qty?: string }): Promise<string>;
  /** Sells every position at the market. */
  sellAll(): Promise<void>;
};

/** @throws Error where the broker refuses */
export function byHand(url: string): ByHand {
  async function call(method: string, path: string, body?: Record<string, string>): Promise<unknown> {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(url + path, { method, ...json });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  const cancelled: string[] = [];
  const changed = new Map<string, string>();
  return {
    cancelled,
    changed,
    async buy(symbol, qty, limit) {
      await call('POST', '/v2/orders', {
        symbol,
        side: 'buy',
        type: 'limit',
        limit_price: limit,
        qty,
        time_in_force: 'day',
      });
    },
    async cancel(id) {
      const order = Order.parse(await call('GET', `/v2/orders:by_client_order_id?client_order_id=${id}`));
      cancelled.push(id);
      await call('DELETE', `/v2/orders/${order.id}`);
    },
    async change(id, to) {
      const order = Order.parse(await call('GET', `/v2/orders:by_client_order_id?client_order_id=${id}`));
      const replacing = Replacing.parse(await call('PATCH', `/v2/orders/${order.id}`, to)).client_order_id;
      changed.set(replacing, id);
      return replacing;
    },
    async cancelAll() {
      const live = z.array(z.object({ client_order_id: z.string() })).parse(await call('GET', '/v2/orders'));
      cancelled.push(...live.map(({ client_order_id }) => client_order_id));
      await call('DELETE', '/v2/orders');
    },
    async sellAll() {
      for (const { symbol, qty, asset_class } of Positions.parse(await call('GET', '/v2/positions'))) {
        const time_in_force = asset_class === 'crypto' ? 'gtc' : 'day';
        await call('POST', '/v2/orders', { symbol, side: 'sell', type: 'market', qty, time_in_force });
      }
    },
  };
}
