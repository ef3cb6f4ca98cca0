/**
 * What the bots of a campaign were told of their orders. Each order is on record before its bot sends
 * anything.
 */
import type { FinalState } from '../../../../src/domain/order.ts';
import type { Plan } from '../../../../src/ledger/commands/plans.ts';

export type Ending = {
  state: FinalState;
  /** Who said so: the answer to a request, an event, an update. */
  by: string;
  /** Units, a decimal; undefined where it was not said. */
  filledQty?: string;
};

export type ToldOrder = {
  /** Its id in the ledger and at the broker. */
  readonly id: string;
  readonly bot: string;
  /** What the bot asked for. */
  readonly wish: Plan;
  /** The order that it was to replace; '' for none. */
  readonly follows: string;
  /** It was told that the broker has it. */
  isPlaced: boolean;
  /** It was told that there is no such order any more, or that it is not the bot's. */
  isForgotten: boolean;
  /** It was told that another order of a person's has its place. */
  isReplaced: boolean;
  /** Why the bot was told that the broker never gets it; '' while it was not. */
  never: string;
  readonly endings: Ending[];
  /** What its bot heard of it, with the times; for people. */
  readonly heard: string[];
};

/** What is heard again and again about one order need not be kept. */
const MOST_HEARD = 100;

export class Told {
  readonly orders = new Map<string, ToldOrder>();
  /** Plans that they filed, by id. */
  readonly plans = new Map<string, Plan>();
  /** Requests that the bots sent again, because nobody had answered or the answer said so. */
  retries = 0;
  /** Answers and updates about another order than the bot's, or that say what can't be. */
  readonly misnamed: string[] = [];
  /** The same, of what may be where the ledger was lost: nobody else knows it. */
  readonly afterLoss: string[] = [];
  /** When a bot was told that an order is at the broker, ms, by its door's name. */
  readonly placedMs = new Map<string, number[]>();
  /** Resolve as soon as an order's end was told. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** @param follows the order that it is to replace */
  wish(bot: string, wish: Plan, follows = ''): ToldOrder {
    const order = {
      id: wish.id,
      bot,
      wish,
      follows,
      isPlaced: false,
      isForgotten: false,
      isReplaced: false,
      never: '',
      endings: [],
      heard: [],
    };
    this.orders.set(order.id, order);
    return order;
  }

  /** For the record. */
  heard(id: string, words: string): void {
    const heard = this.orders.get(id)?.heard ?? [];
    if (heard.length < MOST_HEARD) heard.push(`${new Date().toISOString().slice(11)} ${words}`);
  }

  /** The ledger's name of it: that of the first one, however often it was replaced. */
  first(id: string): string {
    const { follows = '' } = this.orders.get(id) ?? {};
    return follows === '' ? id : this.first(follows);
  }

  retried(): void {
    this.retries += 1;
  }

  placed(id: string, door: string): void {
    const order = this.orders.get(id);
    if (order === undefined || order.isPlaced) return;
    order.isPlaced = true;
    const times = this.placedMs.get(door) ?? [];
    this.placedMs.set(door, times);
    times.push(Date.now());
  }

  forgotten(id: string): void {
    const order = this.orders.get(id);
    if (order !== undefined) order.isForgotten = true;
  }

  replaced(id: string): void {
    const order = this.orders.get(id);
    if (order !== undefined) order.isReplaced = true;
  }

  never(id: string, why: string): void {
    const order = this.orders.get(id);
    if (order !== undefined) order.never ||= why;
  }

  ended(id: string, ending: Ending): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    order.endings.push(ending);
    for (const go of this.#waiting.get(id) ?? []) go();
    this.#waiting.delete(id);
  }

  /** Resolves with its end when that is told; with undefined after the time, or when the signal aborts. */
  async end(id: string, ms: number, signal: AbortSignal): Promise<Ending | undefined> {
    const order = this.orders.get(id);
    if (order === undefined || order.endings.length > 0 || signal.aborted) return order?.endings.at(-1);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    return order.endings.at(-1);
  }
}
