/** How long steals take, in real time: an event's id in the stream begins with the server's time. */
import type { LedgerEvent } from '../ledger/events.ts';

const MAX_PENDING = 10_000;
const SAMPLES = 1_000;

export class StealTimes {
  /** Thief -> when it stole. */
  readonly #pending = new Map<string, number>();
  #tookMs: number[] = [];

  hear({ id, type, fields }: LedgerEvent): void {
    const thief = fields['order'] ?? '';
    const atMs = Number.parseInt(id, 10);
    if (type === 'stolen') {
      this.#pending.set(thief, atMs);
      const oldest = this.#pending.keys().next().value;
      if (this.#pending.size > MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    }
    if (type !== 'granted' && type !== 'steal_failed') return;
    const began = this.#pending.get(thief);
    this.#pending.delete(thief);
    if (began !== undefined && this.#tookMs.length < SAMPLES) this.#tookMs.push(Math.max(0, atMs - began));
  }

  /** ms of each that ended since the last call; at most 1,000. */
  take(): number[] {
    const took = this.#tookMs;
    this.#tookMs = [];
    return took;
  }
}
