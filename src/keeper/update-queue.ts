/**
 * Trade updates on their way to the ledger: in order for each order, many orders at once, bounded. What does
 * not fit is dropped and told: a reconciliation makes up for it, as it does for updates that never came.
 */
import type { BrokerOrder } from '../broker/port.ts';

export type UpdateQueueParts = {
  /** Must not throw. */
  apply: (order: BrokerOrder) => Promise<void>;
  onOverflow: () => void;
  /** Updates waiting, all orders together. */
  limit?: number;
  /** Orders under way at once. */
  abreast?: number;
};

export class UpdateQueue {
  readonly #apply: UpdateQueueParts['apply'];
  readonly #onOverflow: () => void;
  readonly #limit: number;
  readonly #abreast: number;
  /** By the broker's id: what waits, oldest first; present while the order waits or is under way. */
  readonly #waiting = new Map<string, BrokerOrder[]>();
  /** Orders with something waiting and nothing under way, longest first. */
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

  /** Nothing is begun any more; resolves when nothing is under way. */
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
