/**
 * Every order of an account. It keeps all client order ids, but only the newest ended orders.
 */
import type { Side } from '../domain/order.ts';
import { isLive, type PaperOrder } from './orders.ts';
import { Queue } from './queue.ts';

/** At least this many ended orders are kept; at twice as many the older half is removed. */
const MAX_ENDED = 10_000;

/** The query of a list. Bounds are exclusive; at most `limit` orders, newest first unless `ascending`. */
export type OrderFilter = {
  status: 'open' | 'closed' | 'all';
  limit: number;
  ascending: boolean;
  afterNs: bigint | null;
  untilNs: bigint | null;
  afterSeq: number | null;
  beforeSeq: number | null;
  symbols: ReadonlySet<string> | null;
  side: Side | null;
  assetClass: 'stock' | 'crypto' | null;
};

export class Book {
  private readonly byId = new Map<string, PaperOrder>();
  private readonly byClientId = new Map<string, PaperOrder | null>();
  private readonly liveOrders = new Map<string, PaperOrder>();
  private readonly liveBySymbol = new Map<string, Set<PaperOrder>>();
  private readonly ended: PaperOrder[] = [];
  private readonly queues = new Map<string, Record<Side, Queue>>();
  private nextSeq = 1;

  takeSeq(): number {
    return this.nextSeq++;
  }

  /** Was this client order id ever used? */
  used(clientId: string): boolean {
    return this.byClientId.has(clientId);
  }

  get(id: string): PaperOrder | undefined {
    return this.byId.get(id);
  }

  getByClientId(clientId: string): PaperOrder | undefined {
    return this.byClientId.get(clientId) ?? undefined;
  }

  live(): IterableIterator<PaperOrder> {
    return this.liveOrders.values();
  }

  liveOf(symbol: string): Iterable<PaperOrder> {
    return this.liveBySymbol.get(symbol) ?? [];
  }

  add(order: PaperOrder): void {
    this.byId.set(order.id, order);
    this.byClientId.set(order.clientId, order);
    this.liveOrders.set(order.id, order);
    const siblings = this.liveBySymbol.get(order.symbol) ?? new Set();
    this.liveBySymbol.set(order.symbol, siblings.add(order));
  }

  /** From now on prices can fill the order. */
  enqueue(order: PaperOrder): void {
    this.queue(order.symbol)[order.side].add(order);
  }

  /** The order has ended: it can still be queried, but no longer fills. */
  end(order: PaperOrder): void {
    this.queue(order.symbol)[order.side].remove(order);
    this.liveOrders.delete(order.id);
    this.liveBySymbol.get(order.symbol)?.delete(order);
    this.ended.push(order);
    if (this.ended.length > 2 * MAX_ENDED) this.forgetOldest();
  }

  reached(symbol: string, priceNanos: bigint): PaperOrder[] {
    const queue = this.queues.get(symbol);
    return queue ? [...queue.buy.reached(priceNanos), ...queue.sell.reached(priceNanos)] : [];
  }

  list(filter: OrderFilter): PaperOrder[] {
    // Both maps are in the order of submission.
    const source = filter.status === 'open' ? [...this.liveOrders.values()] : [...this.byId.values()];
    if (!filter.ascending) source.reverse();
    const found: PaperOrder[] = [];
    for (const order of source) {
      if (found.length >= filter.limit) break;
      if (matches(order, filter)) found.push(order);
    }
    return found;
  }

  private queue(symbol: string): Record<Side, Queue> {
    let queue = this.queues.get(symbol);
    if (!queue) {
      queue = { buy: new Queue('buy'), sell: new Queue('sell') };
      this.queues.set(symbol, queue);
    }
    return queue;
  }

  private forgetOldest(): void {
    for (const order of this.ended.splice(0, MAX_ENDED)) {
      this.byId.delete(order.id);
      this.byClientId.set(order.clientId, null);
    }
  }
}

function matches(order: PaperOrder, filter: OrderFilter): boolean {
  if (filter.status === 'closed' && isLive(order)) return false;
  if (filter.afterNs !== null && order.submittedNs <= filter.afterNs) return false;
  if (filter.untilNs !== null && order.submittedNs >= filter.untilNs) return false;
  if (filter.afterSeq !== null && order.seq <= filter.afterSeq) return false;
  if (filter.beforeSeq !== null && order.seq >= filter.beforeSeq) return false;
  if (filter.symbols && !filter.symbols.has(order.symbol)) return false;
  if (filter.side && order.side !== filter.side) return false;
  return !filter.assetClass || order.assetClass === filter.assetClass;
}
