/**
 * Which orders of a symbol are live, on whatever host, as the account's events tell: a broker rejects an order while one of the
 * other side works in the same symbol, so an entry waits while an exit works, and makes way for one. A hint: it is rebuilt from
 * a snapshot now and then, and the broker has the last word.
 */
import type { LedgerEvent } from '../ledger/events.ts';
import { isExitId } from './order-ids.ts';

type Known = { id: string; symbol: string; kind: string };

export class LiveOrders {
  #entries = new Map<string, Set<string>>();
  #exits = new Map<string, Set<string>>();
  /** Events that came while a snapshot was being taken; they are newer than what it says, or say the same. */
  #meanwhile: LedgerEvent[] | undefined;

  /** Does an exit of this symbol work, or is it about to? */
  hasExit(symbol: string): boolean {
    return (this.#exits.get(symbol)?.size ?? 0) > 0;
  }

  entries(symbol: string): readonly string[] {
    return [...(this.#entries.get(symbol) ?? [])];
  }

  /** The ledger says that it is over. */
  forget(symbol: string, order: string): void {
    remove(this.#entries, symbol, order);
    remove(this.#exits, symbol, order);
  }

  note(event: LedgerEvent): void {
    this.#meanwhile?.push(event);
    const { type, fields } = event;
    const { order = '', symbol = '' } = fields;
    if (order === '' || symbol === '') return;
    const side = isExitId(order) ? this.#exits : this.#entries;
    if (type === 'ended') remove(side, symbol, order);
    else if (type === 'reserved' || type === 'granted' || type === 'working') add(side, symbol, order);
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
      this.#exits = new Map();
      for (const { id, symbol, kind } of orders) add(kind === 'exit' ? this.#exits : this.#entries, symbol, id);
      for (const event of since) this.note(event);
    } finally {
      this.#meanwhile = undefined;
    }
  }
}

function add(side: Map<string, Set<string>>, symbol: string, order: string): void {
  const known = side.get(symbol);
  if (known) known.add(order);
  else side.set(symbol, new Set([order]));
}

function remove(side: Map<string, Set<string>>, symbol: string, order: string): void {
  const known = side.get(symbol);
  known?.delete(order);
  if (known?.size === 0) side.delete(symbol);
}
