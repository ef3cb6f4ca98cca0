/**
 * Which entries of a symbol are live, on whatever host, as the account's events tell: a broker rejects an
 * order while one of the other side works in the same symbol, so an entry makes way for an exit. (That it
 * waits for one is the ledger's rule.) A hint: it is rebuilt from a snapshot now and then, and the broker has
 * the last word.
 */
import type { LedgerEvent } from '../ledger/events.ts';
import { entryOf, isExitId } from './plan/order-ids.ts';

/** From these events on an order is live; `adopted`: it was found at the broker. */
const BEGINNINGS = new Set(['reserved', 'granted', 'working', 'adopted']);

type Known = { id: string; symbol: string; kind: string };

export class LiveOrders {
  #entries = new Map<string, Set<string>>();
  /** Plan -> the newest attempt of its entry that is live. */
  #attempts = new Map<string, number>();
  /** Events that came while a snapshot was being taken; they are newer than what it says, or say the same. */
  #meanwhile: LedgerEvent[] | undefined;

  entries(symbol: string): readonly string[] {
    return [...(this.#entries.get(symbol) ?? [])];
  }

  /** The attempt under which an entry of this plan is live, if one is. */
  attemptOf(plan: string): number | undefined {
    return this.#attempts.get(plan);
  }

  /** The ledger says that it is over. */
  forget(symbol: string, order: string): void {
    this.#remove(symbol, order);
  }

  /** It is in nobody's way, or not ours to cancel: it comes last from now on. */
  passOver(symbol: string, order: string): void {
    const known = this.#entries.get(symbol);
    if (known?.delete(order)) known.add(order);
  }

  note(event: LedgerEvent): void {
    this.#meanwhile?.push(event);
    const { type, fields } = event;
    const { order = '', symbol = '' } = fields;
    if (order === '' || symbol === '' || isExitId(order)) return;
    if (type === 'ended') this.#remove(symbol, order);
    else if (BEGINNINGS.has(type)) this.#add(symbol, order);
  }

  /** Begins anew from a snapshot, which holds all that is live. A snapshot that fails changes nothing. */
  async rebuild(snapshot: () => Promise<readonly Known[]>): Promise<void> {
    if (this.#meanwhile !== undefined) return; // one is under way
    this.#meanwhile = [];
    try {
      const orders = await snapshot();
      const since = this.#meanwhile;
      this.#meanwhile = undefined;
      this.#entries = new Map();
      this.#attempts = new Map();
      for (const { id, symbol, kind } of orders) if (kind !== 'exit') this.#add(symbol, id);
      for (const event of since) this.note(event);
    } finally {
      this.#meanwhile = undefined;
    }
  }

  #add(symbol: string, order: string): void {
    const known = this.#entries.get(symbol);
    if (known) known.add(order);
    else this.#entries.set(symbol, new Set([order]));
    const entry = entryOf(order);
    if (entry) this.#attempts.set(entry.plan, Math.max(entry.attempt, this.#attempts.get(entry.plan) ?? 0));
  }

  #remove(symbol: string, order: string): void {
    const known = this.#entries.get(symbol);
    known?.delete(order);
    if (known?.size === 0) this.#entries.delete(symbol);
    const entry = entryOf(order);
    if (entry && this.#attempts.get(entry.plan) === entry.attempt) this.#attempts.delete(entry.plan);
  }
}
