/**
 * A model of the broker. It never forgets a client id; a cancellation is a request that ends the order later,
 * and a fill may come first. It counts the account's exposure; the judge checks each acceptance.
 */
import type {
  BrokerOrder,
  BrokerPosition,
  CancelAnswer,
  OrderAnswer,
  OrderRequest,
  SubmitAnswer,
} from '../../../src/broker/port.ts';
import { fromNanos, toNanos } from '../../../src/domain/decimal.ts';
import { notionalMicros } from '../../../src/domain/money.ts';
import type { FinalState } from '../../../src/domain/order.ts';
import type { World } from './world.ts';

const CANCEL_TAKES_MS = 3_000;

type Told = (order: BrokerOrder) => void;

export class ModelBroker {
  readonly orders = new Map<string, BrokerOrder>();
  readonly positions = new Map<string, bigint>();
  readonly accepted: Told[] = [];
  readonly updates: Told[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  submit({ id, symbol, side, limit, qty }: OrderRequest): SubmitAnswer {
    const known = this.orders.get(id);
    if (known) {
      this.#world.count('an id sent twice');
      return { kind: 'confirmed', order: { ...known } };
    }
    const traits = {
      id,
      brokerId: `b_${id}`,
      symbol,
      side,
      limit,
      qty,
      filledQty: '0',
      filledAvgPrice: null,
    };
    const order: BrokerOrder = { ...traits, state: 'live', status: 'new' };
    this.orders.set(id, order);
    for (const told of this.accepted) told(order);
    this.#tell(order);
    return { kind: 'confirmed', order: { ...order } };
  }

  order(id: string): OrderAnswer {
    const order = this.orders.get(id);
    return order ? { kind: 'found', order: { ...order } } : { kind: 'not_found' };
  }

  cancel(brokerId: string): CancelAnswer {
    const order = this.orders.get(brokerId.slice(2));
    if (order === undefined) return { kind: 'not_found' };
    if (order.state !== 'live') return { kind: 'ended' };
    if (order.status === 'pending_cancel') return { kind: 'accepted' };
    order.status = 'pending_cancel';
    const fromMs = this.#world.nowMs + this.#world.below(CANCEL_TAKES_MS);
    const apply = (): void => this.end(order.id, 'cancelled');
    const done = { fromMs, untilMs: Number.MAX_SAFE_INTEGER, answer: undefined, fail: undefined };
    this.#world.items.push({ kind: 'wake', label: `broker ends ${order.id}`, ...done, apply });
    return { kind: 'accepted' };
  }

  live(): BrokerOrder[] {
    return [...this.orders.values()].filter(({ state }) => state === 'live').map((order) => ({ ...order }));
  }

  ended(): BrokerOrder[] {
    return [...this.orders.values()].filter(({ state }) => state !== 'live').map((order) => ({ ...order }));
  }

  held(): BrokerPosition[] {
    const held = [...this.positions].filter(([, nanos]) => nanos !== 0n);
    return held.map(([symbol, nanos]) => {
      const qty = fromNanos(nanos);
      return { symbol, qty, costMicros: notionalMicros('10', qty), avgEntryPrice: '10', assetClass: 'stock' };
    });
  }

  /** All of what is left of it, or half; at its limit. */
  fill(id: string, half: boolean): void {
    const order = this.orders.get(id);
    if (order?.state !== 'live') return;
    if (order.status === 'pending_cancel') this.#world.count('fill during a cancel');
    const filled = toNanos(order.filledQty);
    const left = toNanos(order.qty) - filled;
    const part = half ? left / 2n : left;
    this.positions.set(
      order.symbol,
      (this.positions.get(order.symbol) ?? 0n) + (order.side === 'buy' ? part : -part),
    );
    if (order.side === 'sell') this.#world.count('sold');
    Object.assign(order, { filledQty: fromNanos(filled + part), filledAvgPrice: order.limit });
    this.#world.log(`broker fills ${id} to ${order.filledQty}`);
    if (part === left) this.end(id, 'filled');
    else this.#tell(order);
  }

  end(id: string, state: FinalState): void {
    const order = this.orders.get(id);
    if (order?.state !== 'live') return;
    Object.assign(order, { state, status: state });
    this.#world.log(`broker: ${id} is ${state}, ${order.filledQty} filled`);
    this.#tell(order);
  }

  /** Positions at cost and what live entries may still buy, micro-USD. */
  exposureMicros(): number {
    const unfilled = ({ limit, qty, filledQty }: BrokerOrder): number =>
      notionalMicros(limit ?? '0', fromNanos(toNanos(qty) - toNanos(filledQty)));
    const entries = this.live().filter(({ side }) => side === 'buy');
    const orders = entries.reduce((sum, order) => sum + unfilled(order), 0);
    return this.held().reduce((sum, { costMicros }) => sum + costMicros, orders);
  }

  #tell(order: BrokerOrder): void {
    for (const told of this.updates) told({ ...order });
  }
}
