/**
 * How long cancellations took, from events: an order is asked to end by `cancelling`, or as a victim of
 * `stolen`, and has ended with `ended`. Both are times of the Redis server.
 */

import { victimsOf } from '../json/from-ledger.ts';
import type { Cancels } from '../json/history.ts';
import type { LedgerEvent } from '../ledger/events.ts';

/** Cancellations that are remembered, and orders that are waited for, at most. */
const MOST = 5_000;
const MOST_ASKED = 20_000;
const RECENT = 40;

type Took = { atMs: number; ms: number };

export class CancelTimes {
  readonly #asked = new Map<string, number>();
  #took: Took[] = [];

  note({ id, type, fields }: LedgerEvent): void {
    const atMs = Number.parseInt(id, 10);
    const { order = '' } = fields;
    if (type === 'cancelling') this.#ask(order, atMs);
    else if (type === 'stolen')
      for (const { order: victim } of victimsOf(fields['victims'] ?? '')) this.#ask(victim ?? '', atMs);
    else if (type === 'ended') this.#end(order, atMs);
    // A book that is rebuilt may lack their ends.
    else if (type === 'rebuilt' || type === 'mended') this.#asked.clear();
  }

  /** Forgets what ended before. */
  since(ms: number): void {
    const at = this.#took.findIndex(({ atMs }) => atMs >= ms);
    if (at !== 0) this.#took = at === -1 ? [] : this.#took.slice(at);
  }

  clear(): void {
    this.#asked.clear();
    this.#took = [];
  }

  get count(): number {
    return this.#took.length;
  }

  summary(): Cancels {
    const sorted = this.#took.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
    return {
      count: sorted.length,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      lastMs: this.#took.at(-1)?.ms ?? null,
      recentMs: this.#took.slice(-RECENT).map(({ ms }) => ms),
      waiting: this.#asked.size,
    };
  }

  #ask(order: string, atMs: number): void {
    if (this.#asked.has(order)) return;
    this.#asked.set(order, atMs);
    const oldest = this.#asked.keys().next().value;
    if (this.#asked.size > MOST_ASKED && oldest !== undefined) this.#asked.delete(oldest);
  }

  #end(order: string, atMs: number): void {
    const askedAt = this.#asked.get(order);
    if (askedAt === undefined) return;
    this.#asked.delete(order);
    this.#took.push({ atMs, ms: Math.max(0, atMs - askedAt) });
    if (this.#took.length > MOST * 1.5) this.#took = this.#took.slice(-MOST);
  }
}
