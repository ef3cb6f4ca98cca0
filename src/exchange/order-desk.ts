/**
 * The life of an accepted order: it starts to work, fills in parts or at once, and ends. Every change is
 * published as a trade update, after the account, the exposure and the judge were updated.
 */
import { randomUUID } from 'node:crypto';
import { fromNanos, NANOS } from '../domain/decimal.ts';
import { assert } from '../domain/errors.ts';
import type { Random } from '../prices/random.ts';
import type { Account } from './account.ts';
import type { Book } from './book.ts';
import type { Exposure } from './exposure.ts';
import type { Faults } from './faults.ts';
import type { Judge } from './judge.ts';
import { isoNanos, type MarketClock } from './market-clock.ts';
import { type OrderJson, orderJson } from './order-json.ts';
import { isLive, type OrderStatus, type PaperOrder, restingStatus, unfilled } from './orders.ts';

/** A message of the trade_updates stream. */
export type TradeUpdateJson = {
  event: string;
  execution_id: string;
  timestamp: string;
  order: OrderJson;
  price?: string;
  qty?: string;
  position_qty?: string;
};

export type OrderDeskOptions = {
  book: Book;
  account: Account;
  exposure: Exposure;
  judge: Judge;
  clock: MarketClock;
  random: Random;
  faults: Faults;
  /** Share of orders whose fill comes in two parts. */
  partialRate: number;
  assetId: (symbol: string) => string;
  onUpdate: (update: TradeUpdateJson) => void;
  /** Called when an order has ended in any way, before the update is published. */
  onEnd: (order: PaperOrder) => void;
};

type EndStatus = 'filled' | 'canceled' | 'expired' | 'rejected' | 'replaced';

export class OrderDesk {
  private readonly parts: OrderDeskOptions;

  constructor(parts: OrderDeskOptions) {
    this.parts = parts;
  }

  json(order: PaperOrder): OrderJson {
    return orderJson(order, this.parts.assetId(order.symbol));
  }

  /** Sets the order's exposure. */
  hold(order: PaperOrder, hold: bigint): void {
    this.parts.exposure.addOrders(order.assetClass, hold - order.hold);
    order.hold = hold;
  }

  /** The order begins to work. */
  start(order: PaperOrder): void {
    this.change(order, restingStatus(order), 'new');
  }

  /** A change of status that is not an end. */
  change(order: PaperOrder, status: OrderStatus, event: string): void {
    order.status = status;
    order.updatedNs = this.parts.clock.stampNs();
    this.publish(event, order);
  }

  /** Fills the order at this price; once in its life perhaps only a random part. */
  fill(order: PaperOrder, priceNanos: bigint): void {
    if (!isLive(order)) return;
    const rest = unfilled(order);
    const part = order.wasPart ? rest : this.chosenPart(rest);
    order.wasPart ||= part < rest;
    this.fillPart(order, priceNanos, part);
  }

  /** Fills a part of a live order, and ends the order when nothing is left. */
  fillPart(order: PaperOrder, priceNanos: bigint, part: bigint): void {
    const rest = unfilled(order);
    assert(part > 0n && part <= rest, `order ${order.id} is live and has no ${fromNanos(part)} left to fill`);
    this.parts.account.fill(order.symbol, order.assetClass, order.side, part, priceNanos);
    order.filledNanos += part;
    order.filledCost += part * priceNanos;
    const now = this.parts.clock.stampNs();
    order.updatedNs = now;
    const done = part === rest;
    if (order.kind === 'entry') this.hold(order, done ? 0n : (order.hold * (rest - part)) / rest);
    if (order.status === 'new') order.status = 'partially_filled';
    const execution = { price: fromNanos(priceNanos), qty: fromNanos(part) };
    if (done) {
      order.filledNs = now;
      this.close(order, 'filled');
    }
    this.parts.judge.filled(order, part, priceNanos);
    if (done) this.parts.judge.ended(order);
    this.publish(done ? 'fill' : 'partial_fill', order, execution);
  }

  /** Ends an order that is not completely filled. */
  end(order: PaperOrder, status: Exclude<EndStatus, 'filled'>, event: string = status): void {
    const now = this.parts.clock.stampNs();
    order.updatedNs = now;
    if (status === 'canceled') order.canceledNs = now;
    if (status === 'expired') order.expiredNs = now;
    if (status === 'rejected') order.failedNs = now;
    if (status === 'replaced') order.replacedNs = now;
    this.close(order, status);
    if (status === 'canceled') this.parts.judge.cancelled(order);
    this.parts.judge.ended(order);
    this.publish(event, order);
  }

  publish(event: string, order: PaperOrder, execution?: { price: string; qty: string }): void {
    const position = this.parts.account.position(order.symbol);
    this.parts.onUpdate({
      event,
      execution_id: randomUUID(),
      timestamp: isoNanos(order.updatedNs),
      order: this.json(order),
      ...(execution && { ...execution, position_qty: fromNanos(position?.qtyNanos ?? 0n) }),
    });
  }

  private close(order: PaperOrder, status: EndStatus): void {
    order.status = status;
    this.hold(order, 0n);
    this.parts.book.end(order);
    this.parts.onEnd(order);
  }

  /** All of the rest, or, by `partialRate` or a fault, a random part. */
  private chosenPart(rest: bigint): bigint {
    const { random, partialRate, faults } = this.parts;
    const isPart = faults.strikes('partFills') || (partialRate > 0 && random.next() < partialRate);
    return isPart ? partOf(rest, BigInt(Math.floor(random.next() * Number(MILLION)))) : rest;
  }
}

const MILLION = 1_000_000n;

/**
 * `share` millionths of the unfilled quantity: in whole units where that is whole, at least one unit, and
 * less than all for a share below a million.
 */
export function partOf(rest: bigint, share: bigint): bigint {
  const unit = rest % NANOS === 0n && rest > NANOS ? NANOS : 1n;
  const units = rest / unit;
  if (units < 2n || share >= MILLION) return rest;
  const part = (units * share) / MILLION;
  return (part > 0n ? part : 1n) * unit;
}
