/**
 * The live entries of each symbol on all hosts, according to the account's events. An exit needs them, since
 * the broker rejects it where it could trade with an entry of the other side (make-way.ts). It is a hint:
 * events may be lost, so it is rebuilt from a snapshot now and then.
 */
import type { LedgerEvent } from '../ledger/events.ts';
import { entryOf, isExitId } from './plan/order-ids.ts';

/** Events after which an order is live; `adopted`: the keeper found it at the broker. */
const BEGINNINGS = new Set(['reserved', 'granted', 'working', 'adopted']);

type Known = { id: string; symbol: string; kind: string };

export class LiveOrders {
  #entries = new Map<string, Set<string>>();
  /** Plan -> the newest attempt with a live entry. */
  #attempts = new Map<string, number>();
  /** Events received while a snapshot is taken: as new as the snapshot, or newer. */
  #meanwhile: LedgerEvent[] | undefined;

  entries(symbol: string): readonly string[] {
    return [...(this.#entries.get(symbol) ?? [])];
  }

  /** The newest attempt of the plan with a live entry; undefined without one. */
  attemptOf(plan: string): number | undefined {
    return this.#attempts.get(plan);
  }

  /** The order has ended. */
  forget(symbol: string, order: string): void {
    this.#remove(symbol, order);
  }

  /** It is in no exit's way, or not ours to cancel: moves it to the end. */
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

  /** Replaces everything by a snapshot of all live orders. A snapshot that fails changes nothing. */
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
