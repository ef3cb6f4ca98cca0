/**
 * A bounded queue of trade updates: one at a time per order, many orders in parallel. When it is full,
 * updates are dropped and `onOverflow` is called; a reconciliation makes up for them.
 */
import type { BrokerOrder } from '../broker/port.ts';

export type UpdateQueueParts = {
  /** Must not throw. */
  apply: (order: BrokerOrder) => Promise<void>;
  onOverflow: () => void;
  /** Updates that wait, of all orders together. */
  limit?: number;
  /** Orders processed in parallel. */
  abreast?: number;
};

export class UpdateQueue {
  readonly #apply: UpdateQueueParts['apply'];
  readonly #onOverflow: () => void;
  readonly #limit: number;
  readonly #abreast: number;
  /** By the broker's id: the waiting updates, oldest first; present while one waits or is processed. */
  readonly #waiting = new Map<string, BrokerOrder[]>();
  /** Orders with a waiting update and none in process; the one that waits longest first. */
  readonly #ready = new Set<string>();
  #size = 0;
  #running = 0;
  #paused = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor({ apply, onOverflow, limit = 10_000, abreast = 32 }: UpdateQueueParts) {
    this.#apply = apply;
    this.#onOverflow = onOverflow;
    this.#limit = limit;
    this.#abreast = abreast;
  }

  push(order: BrokerOrder): void {
    if (this.#size >= this.#limit) return this.#onOverflow();
    this.#size += 1;
    const before = this.#waiting.get(order.brokerId);
    if (before) before.push(order);
    else {
      this.#waiting.set(order.brokerId, [order]);
      this.#ready.add(order.brokerId);
    }
    this.#pump();
  }

  /** Starts no further update; resolves when none is in process. */
  async pause(): Promise<void> {
    this.#paused = true;
    if (this.#running === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  #pump(): void {
    for (const id of this.#ready) {
      if (this.#paused || this.#running >= this.#abreast) return;
      this.#ready.delete(id);
      const order = this.#waiting.get(id)?.shift();
      if (order === undefined) continue;
      this.#size -= 1;
      this.#running += 1;
      void this.#apply(order).finally(() => this.#done(id));
    }
  }

  #done(id: string): void {
    this.#running -= 1;
    if (this.#waiting.get(id)?.length === 0) this.#waiting.delete(id);
    else this.#ready.add(id);
    if (this.#running === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
    this.#pump();
  }
}
