/** Who took room from whom, and which pairs fought: counted from events, for a period that moves on. */

import { victimsOf } from '../json/from-ledger.ts';
import type { Fought, StealPair } from '../json/history.ts';
import type { LedgerEvent } from '../ledger/events.ts';

/** So many steals are remembered, the latest. */
const MOST = 5_000;
/** Of fights, too. */
const MOST_FIGHTS = 200;
/** Neither stands in a symbol. */
const BETWEEN = '>';

type Steal = { atMs: number; thief: string; victim: string };
type Fight = Fought & { atMs: number };

export class StealPairs {
  #steals: Steal[] = [];
  #fights = new Map<string, Fight>();

  /** A steal counts once for each symbol that it takes from. */
  note({ id, type, fields }: LedgerEvent): void {
    const atMs = Number.parseInt(id, 10);
    if (type === 'stolen') {
      const symbols = new Set(victimsOf(fields['victims'] ?? '').map(({ symbol }) => symbol));
      for (const victim of symbols) this.add({ atMs, thief: fields['symbol'] ?? '', victim });
    } else if (type === 'fight') this.#fight(fields['pair'] ?? '', Number(fields['until_ms']), atMs);
  }

  add(steal: Steal): void {
    this.#steals.push(steal);
    // In halves: moving all of them with each steal would take longer than counting them.
    if (this.#steals.length > MOST * 1.5) this.#steals = this.#steals.slice(-MOST);
  }

  /** Forgets what was before. */
  since(ms: number): void {
    const at = this.#steals.findIndex(({ atMs }) => atMs >= ms);
    if (at !== 0) this.#steals = at === -1 ? [] : this.#steals.slice(at);
    for (const [pair, { atMs }] of this.#fights) if (atMs < ms) this.#fights.delete(pair);
  }

  clear(): void {
    this.#steals = [];
    this.#fights.clear();
  }

  get count(): number {
    return this.#steals.length;
  }

  /** The most frequent first; then the latest. */
  pairs(): StealPair[] {
    return [...Map.groupBy(this.#steals, ({ thief, victim }) => `${thief}${BETWEEN}${victim}`).values()]
      .map((some) => {
        const { thief, victim } = some[0] as Steal;
        return { thief, victim, steals: some.length, lastAtMs: (some.at(-1) as Steal).atMs };
      })
      .sort((a, b) => b.steals - a.steals || b.lastAtMs - a.lastAtMs || (a.thief < b.thief ? -1 : 1));
  }

  /**
   * Fights that began in the period, and those in force.
   * @param inForce `A|B` and the ledger time of its end, in turn
   */
  fights(inForce: readonly string[]): Fought[] {
    const all = new Map<string, Fought>();
    for (const [pair, { symbols, untilMs }] of this.#fights) all.set(pair, { symbols, untilMs });
    for (let at = 0; at + 1 < inForce.length && all.size < MOST_FIGHTS; at += 2) {
      const [pair = '', untilMs] = [inForce[at], Number(inForce[at + 1])];
      all.set(pair, { symbols: pair.split('|'), untilMs });
    }
    return [...all.values()];
  }

  #fight(pair: string, untilMs: number, atMs: number): void {
    this.#fights.delete(pair);
    this.#fights.set(pair, {
      symbols: pair.split('|'),
      untilMs: Number.isSafeInteger(untilMs) ? untilMs : 0,
      atMs,
    });
    const oldest = this.#fights.keys().next().value;
    if (this.#fights.size > MOST_FIGHTS && oldest !== undefined) this.#fights.delete(oldest);
  }
}
