/**
 * Orders that the broker no longer lists, and its answers about each. "Not found" is believed after two
 * answers at least one sync interval apart: soon after a lost submission it proves nothing.
 */
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';

export class MissingOrders {
  readonly #apartMs: number;
  readonly #monotonicMs: () => number;
  /** By order id; only orders that are still missing. */
  readonly #asked = new Map<string, { round: number; notFoundAtMs?: number }>();
  #round = 0;

  constructor(apartMs: number, monotonicMs: () => number) {
    this.#apartMs = apartMs;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Begins a round.
   * @returns the orders to ask about, at most `budget`, those not asked about for longest first
   */
  choose(missing: readonly LedgerOrder[], budget: number): LedgerOrder[] {
    this.#round += 1;
    const ids = new Set(missing.map(({ id }) => id));
    for (const id of this.#asked.keys()) if (!ids.has(id)) this.#asked.delete(id);
    const lastAsked = ({ id }: LedgerOrder) => this.#asked.get(id)?.round ?? 0;
    const chosen = [...missing]
      .sort((a, b) => lastAsked(a) - lastAsked(b) || a.updatedMs - b.updatedMs)
      .slice(0, budget);
    for (const { id } of chosen) this.#asked.set(id, { ...this.#asked.get(id), round: this.#round });
    return chosen;
  }

  /** The broker does not know it. @returns whether that is believed now */
  notFound(id: string): boolean {
    const before = this.#asked.get(id);
    const nowMs = this.#monotonicMs();
    if (before?.notFoundAtMs !== undefined) return nowMs - before.notFoundAtMs >= this.#apartMs;
    this.#asked.set(id, { round: this.#round, notFoundAtMs: nowMs });
    return false;
  }

  /** The broker knows it after all. */
  found(id: string): void {
    this.#asked.delete(id);
  }
}
