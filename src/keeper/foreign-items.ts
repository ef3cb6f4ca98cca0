/**
 * Orders and positions at the broker that worksteal can't count, or not certainly in full: their unit, form
 * or kind is unknown. Such an item must not stop the reconciliation of the others: it is left out and
 * reported, unless WORKSTEAL_IGNORE names it.
 *
 * A reconciliation asks the broker through `broker` of this class, which converts prices in other currencies
 * to dollars.
 */

import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerOrder, BrokerPosition, Oddity, OrderAnswer } from '../broker/port.ts';
import { fromBrokerSymbol } from '../domain/symbol.ts';
import { Rates } from './valuation.ts';

/** Reported at most. */
const MAX_ODDITIES = 100;

export class ForeignItems {
  readonly broker: Broker;
  readonly #rates: Rates;
  readonly #ignored: ReadonlySet<string>;
  #orders: Oddity[] = [];
  #positions: Oddity[] = [];
  #unvalued: Oddity[] = [];

  /** `ignored`: ids and symbols, in any spelling, that are not reported. */
  constructor(broker: Broker, ignored: readonly string[] = []) {
    this.#rates = new Rates(broker);
    this.#ignored = new Set(ignored);
    const over: Partial<Broker> = {
      openOrders: (signal) => this.#openOrders(broker, signal),
      positions: (signal) => this.#heldPositions(broker, signal),
      order: async (id, signal) => this.#valued(await broker.order(id, signal)),
      orderByBrokerId: async (id, signal) => this.#valued(await broker.orderByBrokerId(id, signal)),
    };
    this.broker = new Proxy(broker, {
      get(target, name) {
        const value = over[name as keyof Broker] ?? target[name as keyof Broker];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** The order with its prices in dollars; undefined while its currency has no price. */
  inDollars(order: BrokerOrder): BrokerOrder | undefined {
    return this.#rates.inDollars(order);
  }

  /** A live order that could not be valued (unknown-orders.ts). */
  leaveOut(order: BrokerOrder, why: string): void {
    this.#unvalued.push(oddityOf(order, why));
  }

  /** A round of adoptions begins: forgets what the last one left out. */
  beginAdoptions(): void {
    this.#unvalued = [];
  }

  /** Does the broker list an order with this id of the ledger that can't be read? */
  lists(id: string): boolean {
    return this.#orders.some((oddity) => ledgerId(oddity) === id);
  }

  /** Was this listed order left out of what counts? */
  leftOut(order: BrokerOrder): boolean {
    return this.#unvalued.some(({ brokerId }) => brokerId === order.brokerId);
  }

  get isEmpty(): boolean {
    return this.#orders.length === 0 && this.#positions.length === 0;
  }

  /** Everything seen last, except ignored items; at most 100. */
  oddities(): Oddity[] {
    const all = [...this.#orders, ...this.#unvalued, ...this.#positions];
    return all.filter((oddity) => oddity.counts || !this.#isIgnored(oddity)).slice(0, MAX_ODDITIES);
  }

  async #openOrders(broker: Broker, signal?: AbortSignal): Promise<BrokerOrder[]> {
    const oddities: Oddity[] = [];
    const listed = await broker.openOrders(signal, (oddity) => oddities.push(oddity));
    await this.#rates.learn(listed, signal ?? new AbortController().signal);
    const counted = listed.flatMap((order) => {
      const valued = this.inDollars(order);
      if (valued !== undefined) return [valued];
      oddities.push(oddityOf(order, `it is quoted in ${order.currency}, which has no price in dollars now`));
      return [];
    });
    this.#orders = oddities;
    return counted;
  }

  async #heldPositions(broker: Broker, signal?: AbortSignal): Promise<BrokerPosition[]> {
    const oddities: Oddity[] = [];
    const positions = await broker.positions(signal, (oddity) => oddities.push(oddity));
    this.#positions = oddities;
    return positions;
  }

  #valued(answer: OrderAnswer): OrderAnswer {
    if (answer.kind !== 'found') return answer;
    const order = this.inDollars(answer.order);
    return order === undefined
      ? { kind: 'unknown', message: `${answer.order.currency} has no price in dollars now` }
      : { kind: 'found', order };
  }

  #isIgnored({ id, brokerId, symbol }: Oddity): boolean {
    return [id, brokerId, symbol, ...(symbol === '' ? [] : [spelledOr(symbol)])].some(
      (name) => name !== '' && this.#ignored.has(name),
    );
  }
}

function oddityOf({ id, brokerId, symbol }: BrokerOrder, why: string): Oddity {
  return { what: 'order', id: id || brokerId, brokerId, symbol, why, counts: false, isLive: true };
}

function spelledOr(symbol: string): string {
  try {
    return fromBrokerSymbol(symbol);
  } catch {
    return symbol;
  }
}
