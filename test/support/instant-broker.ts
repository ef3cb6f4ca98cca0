/**
 * A broker in memory that answers at once: for tests of what stands above the port, and for measuring it
 * without a broker's time. It counts exposure (live orders' unfilled notional and what was filled, at cost)
 * and keeps its highest value (I1).
 */
import {
  type AssetAnswer,
  type Broker,
  type BrokerAccount,
  type BrokerOrder,
  type BrokerPosition,
  type BrokerQuote,
  type CancelAnswer,
  type OrderAnswer,
  type OrderRequest,
  REFUSAL_KINDS,
  type RefusalKind,
  type SubmitAnswer,
  type TradeUpdate,
} from '../../src/broker/port.ts';
import { fromNanos, toNanos } from '../../src/domain/decimal.ts';
import { type Micros, notionalMicros } from '../../src/domain/money.ts';
import type { FinalState } from '../../src/domain/order.ts';
import type { BrokerDay } from '../../src/rules/broker-calendar.ts';
import type { Asset } from '../../src/rules/takeable.ts';

/**
 * What the next submission comes to; `live` without one. `called_cancelled`: filled in full and reported as
 * cancelled. `lose_reply`: it is live, but the answer is lost. `lose_request`: it never came.
 */
export type SubmitTwist =
  | 'live'
  | 'filled'
  | 'called_cancelled'
  | 'half_filled'
  | RefusalKind
  | 'lose_reply'
  | 'lose_request';

/**
 * What the next cancellation comes to; `cancelled` without one. `fill_first`: accepted, and the fill wins;
 * `filled`: it was filled before; `called_cancelled`: it fills in full in that instant and is reported as
 * cancelled; `stick`: accepted, and stays live until the test ends it; `lose_reply`: done, but the answer is
 * lost; `lose_request`: it never came; `not_found`: the broker does not know it.
 */
export type CancelTwist =
  | 'cancelled'
  | 'called_cancelled'
  | 'half_filled'
  | 'fill_first'
  | 'filled'
  | 'stick'
  | 'lose_reply'
  | 'lose_request'
  | 'not_found';

const NO_LIMITS = { qtyStep: null, shortQtyStep: null, minQty: null, minCost: null };

export class InstantBroker implements Broker {
  /** What of an asset is other than usual. */
  assets: Record<string, Partial<Asset>> = {};
  readonly orders = new Map<string, BrokerOrder>();
  readonly submitted: string[] = [];
  /** Broker ids, one for each cancellation that came. */
  readonly cancelled: string[] = [];
  /** Micro-USD: the most that live orders and fills came to at any acceptance. */
  highestMicros: Micros = 0;
  /** Why its account takes no orders; '' while it does. */
  shut = '';
  /** Called before each answer to a question about an order. */
  onQuestion: (id: string) => void = () => {};
  /** Called when a submission comes, before anything is done with it. */
  onSubmit: (request: OrderRequest) => void | Promise<void> = () => {};

  readonly #submitTwists: SubmitTwist[] = [];
  readonly #cancelTwists: CancelTwist[] = [];
  readonly #followers = new Set<(update: TradeUpdate) => void>();
  #exposureMicros: Micros = 0;

  nextSubmits(...twists: SubmitTwist[]): void {
    this.#submitTwists.push(...twists);
  }

  nextCancels(...twists: CancelTwist[]): void {
    this.#cancelTwists.push(...twists);
  }

  /** Ends a live order, or fills a part of it while it lives. */
  turn(id: string, state: FinalState | 'live', filledQty?: string): void {
    const order = this.#get(id);
    const before = exposureOf(order);
    const filled = filledQty ?? (state === 'filled' ? order.qty : order.filledQty);
    const filledAvgPrice = toNanos(filled) === 0n ? null : order.limit;
    const status = state === 'live' ? 'partially_filled' : state;
    const now: BrokerOrder = { ...order, state, filledQty: filled, filledAvgPrice, status };
    this.orders.set(id, now);
    this.#count(exposureOf(now) - before);
    this.#tell({ kind: 'order', event: now.status, order: now });
  }

  /** Somebody changes it by hand: it ends as replaced, and another order goes on, whose id is returned. */
  replace(id: string, to: Partial<Pick<BrokerOrder, 'limit' | 'qty'>>): string {
    const old = this.#get(id);
    const next = {
      ...old,
      ...to,
      id: `${id}r`,
      brokerId: `broker-${id}r`,
      filledQty: '0',
      filledAvgPrice: null,
      replaces: old.brokerId,
    };
    this.orders.set(id, {
      ...old,
      state: 'cancelled',
      status: 'replaced',
      replaced: true,
      replacedBy: next.brokerId,
    });
    this.orders.set(next.id, next);
    return next.id;
  }

  async submit(
    request: OrderRequest,
    _signal?: AbortSignal,
    mayLeave: () => boolean = () => true,
  ): Promise<SubmitAnswer> {
    await this.onSubmit(request);
    if (!mayLeave()) return { kind: 'refused', why: 'not_sent', message: 'too late' };
    const { id, symbol, side, limit, qty } = request;
    const existing = this.orders.get(id);
    if (existing !== undefined) return { kind: 'confirmed', order: existing };
    const twist = this.#submitTwists.shift() ?? 'live';
    if (twist === 'lose_request') return { kind: 'unknown', message: 'no answer' };
    if (isRefusal(twist)) return { kind: 'refused', why: twist, message: `${twist}, says the broker` };
    const order: BrokerOrder = {
      id,
      brokerId: `broker-${id}`,
      symbol,
      side,
      limit,
      qty,
      filledQty: '0',
      filledAvgPrice: null,
      state: 'live',
      status: 'new',
    };
    this.submitted.push(id);
    this.orders.set(id, order);
    this.#count(exposureOf(order));
    this.#tell({ kind: 'order', event: 'new', order });
    if (twist === 'filled') this.turn(id, 'filled');
    if (twist === 'called_cancelled') this.turn(id, 'cancelled', qty);
    if (twist === 'half_filled') this.turn(id, 'live', half(qty));
    return twist === 'lose_reply'
      ? { kind: 'unknown', message: 'no answer' }
      : { kind: 'confirmed', order: this.#get(id) };
  }

  async cancel(brokerId: string): Promise<CancelAnswer> {
    this.cancelled.push(brokerId);
    const twist = this.#cancelTwists.shift() ?? 'cancelled';
    const order = this.orders.get(brokerId.replace(/^broker-/, ''));
    if (order === undefined || twist === 'not_found') return { kind: 'not_found' };
    if (order.state !== 'live') return { kind: 'ended' };
    switch (twist) {
      case 'lose_request':
        return { kind: 'unknown', message: 'no answer' };
      case 'stick':
        this.orders.set(order.id, { ...order, status: 'pending_cancel', cancelRequested: true });
        return { kind: 'accepted' };
      case 'filled':
        this.turn(order.id, 'filled');
        return { kind: 'ended' };
      case 'fill_first':
        this.turn(order.id, 'filled');
        return { kind: 'accepted' };
      case 'called_cancelled':
        this.turn(order.id, 'cancelled', order.qty);
        return { kind: 'accepted' };
      case 'half_filled':
        this.turn(order.id, 'cancelled', half(order.qty));
        return { kind: 'accepted' };
      default:
        this.turn(order.id, 'cancelled');
        return twist === 'lose_reply' ? { kind: 'unknown', message: 'no answer' } : { kind: 'accepted' };
    }
  }

  async orderByBrokerId(brokerId: string): Promise<OrderAnswer> {
    return this.order(brokerId.replace(/^broker-/, ''));
  }

  async order(id: string): Promise<OrderAnswer> {
    this.onQuestion(id);
    const order = this.orders.get(id);
    return order === undefined ? { kind: 'not_found' } : { kind: 'found', order };
  }

  async account(): Promise<BrokerAccount> {
    return {
      number: 'PA1',
      equityMicros: 1e15,
      buyingPowerMicros: 1e15,
      cashBuyingPowerMicros: 1e15,
      shut: this.shut,
      shorting: true,
      multiplier: null,
    };
  }

  /** Any price and quantity is taken. */
  async asset(symbol: string): Promise<AssetAnswer> {
    return {
      kind: 'found',
      asset: { symbol, shut: '', shortable: true, priceSteps: [], ...NO_LIMITS, ...this.assets[symbol] },
    };
  }

  async positions(): Promise<BrokerPosition[]> {
    return [];
  }

  async openOrders(): Promise<BrokerOrder[]> {
    return [...this.orders.values()].filter((order) => order.state === 'live');
  }

  async endedOrders(): Promise<BrokerOrder[]> {
    return [...this.orders.values()].filter((order) => order.state !== 'live').reverse();
  }

  async calendar(): Promise<BrokerDay[]> {
    return [];
  }

  async lastTrades(): Promise<{ symbol: string; price: string }[]> {
    return [];
  }

  async quotes(): Promise<BrokerQuote[]> {
    return [];
  }

  async follow(onUpdate: (update: TradeUpdate) => void, signal: AbortSignal): Promise<void> {
    this.#followers.add(onUpdate);
    onUpdate({ kind: 'connected' });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#followers.delete(onUpdate);
  }

  #get(id: string): BrokerOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw new Error(`the broker has no order ${id}`);
    return order;
  }

  #count(deltaMicros: Micros): void {
    this.#exposureMicros += deltaMicros;
    this.highestMicros = Math.max(this.highestMicros, this.#exposureMicros);
  }

  #tell(update: TradeUpdate): void {
    for (const follower of this.#followers) follower(update);
  }
}

function isRefusal(twist: SubmitTwist): twist is RefusalKind {
  return (REFUSAL_KINDS as readonly string[]).includes(twist);
}

function half(qty: string): string {
  return fromNanos(toNanos(qty) / 2n);
}

function exposureOf({ state, qty, filledQty, limit }: BrokerOrder): Micros {
  return limit === null ? 0 : notionalMicros(limit, state === 'live' ? qty : filledQty);
}
