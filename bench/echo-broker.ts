/** A broker of Alpaca's protocol that takes every order at once: what is left is the gateway's own work. */
import { randomUUID } from 'node:crypto';
import { setImmediate as soon } from 'node:timers/promises';
import type { BrokerOrder, OrderRequest, TradeUpdate } from '../src/broker/port.ts';
import type { PassingBroker } from '../src/gateway/gateway.ts';
import { instantBroker } from './instant-broker.ts';

/** An order as Alpaca writes it, with all of its fields. */
function wireOf({ id, symbol, side, limit, qty }: OrderRequest, brokerId: string): object {
  const at = new Date(0).toISOString();
  const none = Object.fromEntries(
    [
      ...['filled_at', 'expired_at', 'canceled_at', 'failed_at', 'replaced_at', 'replaced_by', 'replaces'],
      ...['notional', 'filled_avg_price', 'stop_price', 'legs', 'trail_percent', 'trail_price', 'hwm'],
    ].map((name) => [name, null]),
  );
  return {
    ...{ id: brokerId, client_order_id: id, created_at: at, updated_at: at, submitted_at: at, ...none },
    ...{ asset_id: brokerId, symbol, asset_class: 'us_equity', qty, filled_qty: '0', order_class: '' },
    ...{ order_type: 'limit', type: 'limit', side, time_in_force: 'day', limit_price: limit, status: 'new' },
    ...{ extended_hours: false, subtag: null, source: null },
  };
}

/** Tells of each order that it is new, as the stream does. */
export function echoBroker(): PassingBroker {
  let tell: (update: TradeUpdate) => void = () => {};
  return {
    ...instantBroker,
    async submit(request) {
      const { id, symbol, side, limit, qty } = request;
      const brokerId = randomUUID();
      const order: BrokerOrder = {
        ...{ id, brokerId, symbol, side, limit, qty, filledQty: '0', filledAvgPrice: null },
        ...{ state: 'live', status: 'new' },
      };
      const wire = wireOf(request, brokerId);
      void soon().then(() =>
        tell({ kind: 'order', event: 'new', order, wire: { event: 'new', order: wire } }),
      );
      return { kind: 'confirmed', order, wire };
    },
    pass: async () => ({ kind: 'answered', status: 404, body: { code: 40410000, message: 'nothing here' } }),
    positions: async () => [],
    quotes: async () => [],
    async follow(onUpdate, signal) {
      tell = onUpdate;
      onUpdate({ kind: 'connected' });
      await new Promise<void>((resolve) =>
        signal?.addEventListener('abort', () => resolve(), { once: true }),
      );
    },
  };
}
