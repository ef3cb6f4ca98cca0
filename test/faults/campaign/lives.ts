/**
 * Reads the exchange's log as the lives of orders: plans with two entries at once, orders accepted twice,
 * cancellations, exceeded caps. No fault of a campaign affects this log.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const line = z.looseObject({
  at: z.iso.datetime().optional(),
  event: z.string(),
  order: z.string().optional(),
  kind: z.string().optional(),
  pool: z.string().optional(),
  exposureMicros: z.number().optional(),
  capMicros: z.number().optional(),
  orderId: z.string().optional(),
  replaces: z.string().nullish(),
  symbol: z.string().optional(),
  holdUsd: z.string().optional(),
  status: z.string().optional(),
  filledQty: z.string().optional(),
});

export type Excess = { atMs: number; order: string; overMicros: number };

/** Two live entries of a plan, the later one first; `beside` is '' for an id that was accepted twice. */
export type Double = { plan: string; order: string; beside: string };

export type Crossed = { atMs: number; order: string; symbol: string };

export type Lives = {
  /**
   * When entries of the fleet's plans were accepted, ms, ascending: exits go on while an account is closed
   * for entries.
   */
  enteredMs: readonly number[];
  /** Ids of orders, as accepted. */
  accepted: ReadonlySet<string>;
  live: ReadonlySet<string>;
  /** How orders ended, in the broker's words; `filledQty` is a decimal. */
  ends: ReadonlyMap<string, { status: string; filledQty: string }>;
  excesses: readonly Excess[];
  doubles: readonly Double[];
  /**
   * Entries of plans that the broker took as sales, or buys back, of what another plan held: it nets both
   * sides of a symbol.
   */
  crossed: readonly Crossed[];
  /** What second fleets' orders held when they were accepted. */
  rivals: readonly { atMs: number; micros: number }[];
  cancelRequests: readonly { order: string; atMs: number }[];
  fills: number;
};

/**
 * What the strike `change_by_hand` appends to the id of an order that it changes: the next one in its place.
 */
export const CHANGED = '-changed';

/** What the ids of second fleets' plans begin with, and of single orders that could be another fleet's. */
export const RIVAL = 'rival';
export const STRANGE = 'strange';

const ENTRY = /^(.+)_\d+(?:-changed)*$/;

/** @throws Error for a log that is not the exchange's */
export function readLives(file: string): Lives {
  const told = new Told();
  for (const text of readFileSync(file, 'utf8').split('\n'))
    if (text !== '') told.hear(line.parse(JSON.parse(text)));
  return told;
}

class Told implements Lives {
  readonly enteredMs: number[] = [];
  readonly accepted = new Set<string>();
  readonly live = new Set<string>();
  readonly ends = new Map<string, { status: string; filledQty: string }>();
  readonly excesses: Excess[] = [];
  readonly doubles: Double[] = [];
  readonly crossed: Crossed[] = [];
  readonly rivals: { atMs: number; micros: number }[] = [];
  readonly cancelRequests: { order: string; atMs: number }[] = [];
  fills = 0;
  /** Live entries by plan. */
  readonly #entries = new Map<string, Set<string>>();

  hear(told: z.output<typeof line>): void {
    const {
      at,
      event,
      order = '',
      kind,
      exposureMicros = 0,
      capMicros = 0,
      orderId = '',
      replaces,
      symbol = '',
      holdUsd = '0',
      status = '',
      filledQty = '0',
    } = told;
    const atMs = Date.parse(at ?? '');
    switch (event) {
      case 'accepted':
        if (order.startsWith(RIVAL)) this.rivals.push({ atMs, micros: Math.ceil(1e6 * Number(holdUsd)) });
        else if (kind === 'exit' && ENTRY.test(order)) this.crossed.push({ atMs, order, symbol });
        return this.#accept(
          order,
          kind === 'entry' ? ENTRY.exec(order)?.[1] : undefined,
          atMs,
          typeof replaces === 'string',
        );
      case 'ended':
        this.live.delete(order);
        this.ends.set(order, { status, filledQty });
        this.#entries.get(ENTRY.exec(order)?.[1] ?? '')?.delete(order);
        return;
      case 'fill':
        this.fills += 1;
        return;
      case 'violation':
        this.excesses.push({ atMs, order: orderId, overMicros: exposureMicros - capMicros });
        return;
      case 'cancel_requested':
        this.cancelRequests.push({ order, atMs });
    }
  }

  #accept(order: string, plan: string | undefined, atMs: number, replaces: boolean): void {
    if (this.accepted.has(order)) this.doubles.push({ plan: '', order, beside: '' });
    this.accepted.add(order);
    this.live.add(order);
    if (plan === undefined) return;
    const isOurs = !plan.startsWith(RIVAL) && !plan.startsWith(STRANGE);
    if (!replaces && isOurs) this.enteredMs.push(atMs);
    const siblings = this.#entries.get(plan) ?? new Set();
    for (const sibling of siblings)
      if (!replaces || order !== `${sibling}${CHANGED}`) this.doubles.push({ plan, order, beside: sibling });
    this.#entries.set(plan, siblings.add(order));
  }
}
