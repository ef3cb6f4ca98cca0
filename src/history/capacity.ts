/**
 * How full an account was, from its events alone: those that move room say what the cap held after them. What
 * the orders held by state follows from the orders that the events name.
 */
import { type Totals, totalsOf, victimsOf } from '../json/from-ledger.ts';
import type { Capacity } from '../json/history.ts';
import type { LedgerEvent } from '../ledger/events.ts';

/** One sample in so many ms, and for how long they are kept. */
export const EVERY_MS = 10_000;
export const KEPT_MS = 1_800_000;

/** Orders that do not work at the broker are few; a stream that lacks their ends must not fill the memory. */
const MOST_HELD = 20_000;

export type HeldState = 'reserved' | 'cancelling' | 'earmarked';
export type HeldMicros = Readonly<Record<HeldState, number>>;

/** Splits what live orders hold by state: what is in none of the others works at the broker. */
export function capacityOf(atMs: number, totals: Totals, held: HeldMicros): Capacity {
  let left = Math.max(0, totals.ordersMicros);
  const take = (micros: number): number => {
    const taken = Math.min(left, Math.max(0, micros));
    left -= taken;
    return taken;
  };
  const [reservedMicros, cancellingMicros, earmarkedMicros] = [
    take(held.reserved),
    take(held.cancelling),
    take(held.earmarked),
  ];
  const { capMicros, positionsMicros, ordersMicros } = totals;
  return {
    ...{ atMs, capMicros, positionsMicros, ordersMicros, workingMicros: left },
    ...{ reservedMicros, cancellingMicros, earmarkedMicros },
  };
}

/** Follows events in their order. */
export class CapacityFold {
  #totals: Totals | undefined;
  readonly #orders = new Map<string, { state: HeldState; micros: number }>();

  note({ type, fields }: LedgerEvent): void {
    this.#totals = totalsOf(fields['totals']) ?? this.#totals;
    const { order = '' } = fields;
    const micros = Number(fields['held_micros'] ?? 0) || 0;
    if (type === 'reserved' || type === 'granted') this.#hold(order, 'reserved', micros);
    else if (type === 'cancelling') this.#hold(order, 'cancelling', micros);
    else if (type === 'stolen') {
      this.#hold(order, 'earmarked', micros);
      for (const { order: victim, heldMicros } of victimsOf(fields['victims'] ?? ''))
        this.#hold(victim ?? '', 'cancelling', heldMicros ?? 0);
    } else if (type === 'working' || type === 'ended') this.#orders.delete(order);
    else if (type === 'rebuilt' || type === 'mended') this.#orders.clear();
  }

  /** Undefined where no event has told yet. */
  at(atMs: number): Capacity | undefined {
    if (this.#totals === undefined) return undefined;
    const held = { reserved: 0, cancelling: 0, earmarked: 0 };
    for (const { state, micros } of this.#orders.values()) held[state] += micros;
    return capacityOf(atMs, this.#totals, held);
  }

  #hold(order: string, state: HeldState, micros: number): void {
    this.#orders.delete(order);
    this.#orders.set(order, { state, micros });
    const oldest = this.#orders.keys().next().value;
    if (this.#orders.size > MOST_HELD && oldest !== undefined) this.#orders.delete(oldest);
  }
}

/**
 * A sample of the capacity at each step of time, as events are noted in their order; `before`: what the last
 * event before the period said.
 */
export class CapacitySteps {
  readonly #fold = new CapacityFold();
  readonly #samples: Capacity[] = [];
  readonly #stepMs: number;
  #nextMs: number;

  /** @param fromMs the server's time of the first sample */
  constructor(fromMs: number, stepMs: number) {
    this.#nextMs = fromMs;
    this.#stepMs = stepMs;
  }

  note(event: LedgerEvent): void {
    const atMs = Number.parseInt(event.id, 10);
    while (this.#nextMs <= atMs) this.#sample();
    this.#fold.note(event);
  }

  /** The samples until then, the oldest first. */
  until(toMs: number): Capacity[] {
    while (this.#nextMs <= toMs) this.#sample();
    return this.#samples;
  }

  #sample(): void {
    const now = this.#fold.at(this.#nextMs);
    if (now !== undefined) this.#samples.push(now);
    this.#nextMs += this.#stepMs;
  }
}
