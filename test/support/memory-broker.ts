/**
 * The smallest broker that keeps every promise of the port (test/broker): it lives in memory and answers at
 * once. An order rests until a test fills or ends it. It counts exposure (the unfilled notional of live
 * orders, and fills at cost) and keeps the highest value (I1).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AssetAnswer,
  type Broker,
  type BrokerAccount,
  type BrokerOrder,
  type BrokerPosition,
  type BrokerQuote,
  type CancelAnswer,
  hasLimit,
  type Oddity,
  type OrderAnswer,
  type OrderRequest,
  type SubmitAnswer,
  type TradeUpdate,
} from '../../src/broker/port.ts';
import { toNanos } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { type Micros, notionalMicros } from '../../src/domain/money.ts';
import type { FinalState } from '../../src/domain/order.ts';
import type { BrokerDay } from '../../src/rules/broker-calendar.ts';
import type { Asset } from '../../src/rules/takeable.ts';
import { positionsFrom } from './positions-from.ts';

const NO_LIMITS = { priceSteps: [], qtyStep: null, shortQtyStep: null, minQty: null, minCost: null };
/** How long a request to a silent broker waits. */
const TIMEOUT_MS = 100;
const DAY_MS = 86_400_000;

export class MemoryBroker implements Broker {
  equityMicros: Micros = 1e15;
  /** Why its account takes no orders; '' while it does. */
  shut = '';
  /** `silent`: no request gets an answer. */
  mood: 'well' | 'silent' | 'refuses_keys' = 'well';
  /** What of an asset is other than usual. */
  assets: Record<string, Partial<Asset>> = {};
  /** Symbols that it does not know, or does not trade now. */
  readonly untraded = new Set<string>();
  readonly prices = new Map<string, string>();
  readonly oddities: Oddity[] = [];
  /** By client order id. */
  readonly orders = new Map<string, BrokerOrder>();
  /** Client order ids. */
  readonly submitted: string[] = [];
  /** The most that live orders and fills came to. */
  highestMicros: Micros = 0;

  readonly #followers = new Set<(update: TradeUpdate) => void>();
  #exposureMicros: Micros = 0;

  /** Ends a live order, or fills a part of it while it lives. */
  turn(id: string, state: FinalState | 'live', filledQty?: string): void {
    const { cancelRequested: _, ...order } = this.get(id);
    const filled = filledQty ?? (state === 'filled' ? order.qty : order.filledQty);
    const filledAvgPrice = toNanos(filled) === 0n ? null : order.limit;
    const status = state !== 'live' ? state : filledAvgPrice === null ? 'new' : 'partially_filled';
    this.put({ ...order, state, filledQty: filled, filledAvgPrice, status });
  }

  /** Somebody changes it by hand: it ends as replaced, and another order goes on, whose id is returned. */
  change(id: string, to: Partial<Pick<BrokerOrder, 'limit' | 'qty'>>): string {
    const old = this.get(id);
    const fresh = { filledQty: '0', filledAvgPrice: null, replaces: old.brokerId };
    const next = { ...old, ...to, id: `${id}r`, brokerId: `broker-${id}r`, ...fresh };
    const ended = {
      state: 'cancelled',
      status: 'replaced',
      replaced: true,
      replacedBy: next.brokerId,
    } as const;
    this.orders.set(id, { ...old, ...ended });
    this.orders.set(next.id, next);
    return next.id;
  }

  /** Keeps the order as it is now, and tells whoever follows. */
  put(order: BrokerOrder, event = order.status): void {
    const before = this.orders.get(order.id);
    this.orders.set(order.id, order);
    this.#exposureMicros += exposureOf(order) - (before === undefined ? 0 : exposureOf(before));
    this.highestMicros = Math.max(this.highestMicros, this.#exposureMicros);
    this.#tell({ kind: 'order', event, order });
  }

  /** The stream breaks off and comes back; what happens between is not told. */
  cutStream(meanwhile: () => void = () => {}): void {
    const followers = [...this.#followers];
    this.#tell({ kind: 'disconnected', message: 'the stream was cut' });
    this.#followers.clear();
    meanwhile();
    for (const follower of followers) this.#followers.add(follower);
    this.#tell({ kind: 'connected' });
  }

  async submit(
    request: OrderRequest,
    signal?: AbortSignal,
    mayLeave: () => boolean = () => true,
  ): Promise<SubmitAnswer> {
    const { id, symbol, side, limit, qty } = request;
    if (signal?.aborted || !mayLeave()) return { kind: 'refused', why: 'not_sent', message: 'too late' };
    const failure = await this.#failure(signal);
    if (failure?.code === 'keys') return { kind: 'refused', why: 'keys', message: failure.message };
    if (failure !== undefined) return { kind: 'unknown', message: failure.message };
    const existing = this.orders.get(id);
    if (existing !== undefined) {
      const isSame = existing.symbol === symbol && existing.side === side && isAmount(existing, request);
      if (isSame) return { kind: 'confirmed', order: existing };
      return { kind: 'refused', why: 'duplicate', message: `${id} belongs to another order` };
    }
    if (request.form !== undefined && !hasLimit(request.form))
      return {
        kind: 'refused',
        why: 'order',
        message: `it takes limit orders only, not ${request.form.type}`,
      };
    if (this.untraded.has(symbol))
      return { kind: 'refused', why: 'not_tradable', message: `${symbol} is not traded` };
    if (this.#exposureMicros + notionalMicros(limit, qty) > this.equityMicros)
      return { kind: 'refused', why: 'buying_power', message: 'insufficient buying power' };
    const fresh = { filledQty: '0', filledAvgPrice: null, state: 'live', status: 'new' } as const;
    this.submitted.push(id);
    this.put({ id, brokerId: `broker-${id}`, symbol, side, limit, qty, ...fresh });
    return { kind: 'confirmed', order: this.get(id) };
  }

  async cancel(brokerId: string, signal?: AbortSignal): Promise<CancelAnswer> {
    const failure = await this.#failure(signal);
    if (failure !== undefined) return { kind: 'unknown', message: failure.message };
    const order = this.byBrokerId(brokerId);
    if (order === undefined) return { kind: 'not_found' };
    if (order.state !== 'live') return { kind: 'ended' };
    this.turn(order.id, 'cancelled');
    return { kind: 'accepted' };
  }

  async order(id: string, signal?: AbortSignal): Promise<OrderAnswer> {
    const failure = await this.#failure(signal);
    if (failure !== undefined) return { kind: 'unknown', message: failure.message };
    const order = this.orders.get(id);
    return order === undefined ? { kind: 'not_found' } : { kind: 'found', order };
  }

  async orderByBrokerId(brokerId: string, signal?: AbortSignal): Promise<OrderAnswer> {
    return await this.order(this.byBrokerId(brokerId)?.id ?? '', signal);
  }

  async account(signal?: AbortSignal): Promise<BrokerAccount> {
    await this.#answering(signal);
    const left = this.equityMicros - this.#exposureMicros;
    return {
      number: 'PA1',
      equityMicros: this.equityMicros,
      buyingPowerMicros: left,
      cashBuyingPowerMicros: left,
      shut: this.shut,
      shorting: true,
      multiplier: null,
    };
  }

  async positions(
    signal?: AbortSignal,
    onOdd: (oddity: Oddity) => void = () => {},
  ): Promise<BrokerPosition[]> {
    await this.#answering(signal);
    for (const oddity of this.oddities) if (oddity.what === 'position') onOdd(oddity);
    return positionsFrom(this.orders.values());
  }

  async openOrders(signal?: AbortSignal, onOdd: (oddity: Oddity) => void = () => {}): Promise<BrokerOrder[]> {
    await this.#answering(signal);
    for (const oddity of this.oddities) if (oddity.what === 'order') onOdd(oddity);
    return [...this.orders.values()].filter((order) => order.state === 'live');
  }

  async endedOrders(signal?: AbortSignal): Promise<BrokerOrder[]> {
    await this.#answering(signal);
    return [...this.orders.values()].filter((order) => order.state !== 'live').reverse();
  }

  /** Any price and quantity is taken. */
  async asset(symbol: string, signal?: AbortSignal): Promise<AssetAnswer> {
    const failure = await this.#failure(signal);
    if (failure !== undefined) return { kind: 'unknown', message: failure.message };
    const shut = this.untraded.has(symbol) ? 'it is not traded' : '';
    return { kind: 'found', asset: { symbol, shut, shortable: true, ...NO_LIMITS, ...this.assets[symbol] } };
  }

  async quotes(
    symbols: readonly string[],
    signal?: AbortSignal,
    onUnpriced: (symbol: string, why: string) => void = () => {},
  ): Promise<BrokerQuote[]> {
    await this.#answering(signal);
    for (const symbol of symbols) if (!this.prices.has(symbol)) onUnpriced(symbol, 'the broker has no quote');
    return (await this.lastTrades(symbols)).map((trade) => ({ ...trade, ageMs: 0 }));
  }

  async lastTrades(
    symbols: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ symbol: string; price: string }[]> {
    await this.#answering(signal);
    return symbols.flatMap((symbol) => {
      const price = this.prices.get(symbol);
      return price === undefined ? [] : [{ symbol, price }];
    });
  }

  /** Every weekday. */
  async calendar(from: string, to: string, signal?: AbortSignal): Promise<BrokerDay[]> {
    await this.#answering(signal);
    const days: BrokerDay[] = [];
    for (let ms = Date.parse(from); ms <= Date.parse(to); ms += DAY_MS) {
      const isWeekday = new Date(ms).getUTCDay() % 6 !== 0;
      if (isWeekday)
        days.push({ date: new Date(ms).toISOString().slice(0, 10), open: '09:30', close: '16:00' });
    }
    return days;
  }

  async follow(onUpdate: (update: TradeUpdate) => void, signal: AbortSignal): Promise<void> {
    const deliver = (update: TradeUpdate): void => {
      try {
        onUpdate(update);
      } catch {
        // A receiver that throws loses only this update.
      }
    };
    this.#followers.add(deliver);
    deliver({ kind: 'connected' });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#followers.delete(deliver);
  }

  protected get(id: string): BrokerOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw new Error(`the broker has no order ${id}`);
    return order;
  }

  protected byBrokerId(brokerId: string): BrokerOrder | undefined {
    return this.orders.get(brokerId.replace(/^broker-/, ''));
  }

  async #answering(signal?: AbortSignal): Promise<void> {
    const failure = await this.#failure(signal);
    if (failure !== undefined) throw failure;
  }

  /** Why a request gets no good answer; undefined where it gets one. */
  async #failure(signal?: AbortSignal): Promise<WorkstealError | undefined> {
    if (this.mood === 'refuses_keys') return new WorkstealError('keys', 'the keys are not accepted');
    if (this.mood === 'silent') await sleep(TIMEOUT_MS, undefined, { signal }).catch(() => {});
    return this.mood === 'silent' || signal?.aborted ? new WorkstealError('unclear', 'no answer') : undefined;
  }

  #tell(update: TradeUpdate): void {
    for (const follower of this.#followers) follower(update);
  }
}

function isAmount(order: BrokerOrder, { limit, qty }: OrderRequest): boolean {
  return (
    order.limit !== null && toNanos(order.limit) === toNanos(limit) && toNanos(order.qty) === toNanos(qty)
  );
}

function exposureOf({ state, qty, filledQty, limit }: BrokerOrder): Micros {
  return limit === null ? 0 : notionalMicros(limit, state === 'live' ? qty : filledQty);
}
