/**
 * What one account holds: open orders and positions, at most one of the two for each symbol, and the room
 * that they take. Orders fill or end with their bar, positions are sold, as time goes on.
 */
import type { Book, BookOrder } from '../kernel/book.ts';
import { StealHistory } from '../kernel/history.ts';
import type { KernelRules } from '../kernel/rules.ts';
import { MINUTES } from './brownian-hours.ts';
import type { Bins } from './calibration-tally.ts';
import type { Exit } from './prospects.ts';
import type { StealDraft } from './steal-log.ts';

export type Order = BookOrder & {
  readonly bar: number;
  /** The minute after its bar, since 1970. */
  readonly endMinute: number;
  /** Of the whole order; less than 1 for what a victim kept. */
  readonly scale: number;
  readonly fillMinute: number;
  readonly bins: Bins | undefined;
  readonly steal: StealDraft | undefined;
};

type Position = { readonly held: number; readonly exitMinute: number };

export class OpenBook {
  /** As the kernel takes it. */
  readonly book: Book & { readonly orders: Order[]; readonly used: Float64Array };
  /** Micro-USD in positions. */
  positionsHeld = 0;
  readonly #orders: (Order | undefined)[];
  readonly #positions: (Position | undefined)[];
  #nextEvent = Infinity;

  /** @param cap micro-USD */
  constructor(symbols: number, cap: number, rules: KernelRules) {
    this.#orders = new Array<Order | undefined>(symbols);
    this.#positions = new Array<Position | undefined>(symbols);
    this.book = {
      caps: [cap],
      used: new Float64Array(1),
      budgetCap: cap,
      orders: [],
      history: new StealHistory(symbols, rules),
    };
  }

  get cap(): number {
    return this.book.caps[0] as number;
  }

  /** Micro-USD in orders and positions. */
  get used(): number {
    return this.book.used[0] as number;
  }

  hasRoom(need: number): boolean {
    return this.cap - this.used >= need;
  }

  hasOrder(symbol: number): boolean {
    return this.#orders[symbol] !== undefined;
  }

  hasPosition(symbol: number): boolean {
    return this.#positions[symbol] !== undefined;
  }

  /**
   * Fills, exits and orders whose bar is over, up to this minute.
   * @param onFill called for an order that fills at its limit; it calls `fill`
   */
  settle(now: number, onFill: (order: Order) => void): void {
    if (now < this.#nextEvent) return;
    let next = Infinity;
    for (let symbol = 0; symbol < this.#orders.length; symbol++) {
      const order = this.#orders[symbol];
      if (order !== undefined && dueOf(order) <= now) {
        if (order.fillMinute <= now) onFill(order);
        else this.end(order, 'missed');
      }
      const position = this.#positions[symbol];
      if (position !== undefined && position.exitMinute <= now) {
        this.#positions[symbol] = undefined;
        this.#count(-position.held);
        this.positionsHeld -= position.held;
      }
      const left = this.#orders[symbol];
      next = Math.min(
        next,
        left === undefined ? Infinity : dueOf(left),
        this.#positions[symbol]?.exitMinute ?? Infinity,
      );
    }
    this.#nextEvent = next;
  }

  open(order: Order): void {
    this.#orders[order.symbol] = order;
    this.book.orders.push(order);
    this.#count(order.held);
    this.#nextEvent = Math.min(this.#nextEvent, dueOf(order));
  }

  /** It does not fill any more. */
  end(order: Order, fate: 'missed' | 'robbed'): void {
    this.#remove(order);
    this.#count(-order.held);
    if (order.steal !== undefined) order.steal.fate = fate;
  }

  /** It becomes a position, which keeps its room until the exit. */
  fill(order: Order, exit: Exit, minute: number): void {
    this.#remove(order);
    const exitMinute = Math.max(exit.minute, minute + 1);
    this.#positions[order.symbol] = { held: order.held, exitMinute };
    this.positionsHeld += order.held;
    this.#nextEvent = Math.min(this.#nextEvent, exitMinute);
    if (order.steal !== undefined) order.steal.fate = 'filled';
  }

  #remove(order: Order): void {
    this.#orders[order.symbol] = undefined;
    const { orders } = this.book;
    const last = orders.pop();
    if (last !== undefined && last !== order) orders[orders.indexOf(order)] = last;
  }

  #count(micros: number): void {
    this.book.used[0] = (this.book.used[0] as number) + micros;
  }
}

/** When the order fills, or the minute after its bar. */
const dueOf = ({ fillMinute, endMinute }: Order): number => Math.min(fillMinute, endMinute);

/** @param startMinute of the bar */
export const endOf = (startMinute: number): number => startMinute + MINUTES;
