/**
 * A book in memory: what a decision reads. The caller keeps it; a decision changes nothing in it but `worth`.
 *
 * Prices, PnL: integers, nanos of a dollar, up to 2^52. Money: integers, micro-USD. Pools are numbered: 0 is
 * `total`, then the named ones, the cash last; a set of pools is a bit mask, 1 for `total`.
 */
import type { Side } from './distance.ts';
import type { StealHistory } from './history.ts';

/** What a pool's bit is in a mask. */
export const TOTAL = 1;

export type BookOrder = {
  /** Number of the symbol, below the history's `symbols`. */
  readonly symbol: number;
  readonly side: Side;
  readonly limit: number;
  /** The furthest price that is within the protection (`furthestPrice`). */
  readonly protection: number;
  /** 0: none that can be used. */
  price: number;
  /** What it forecasts. */
  pnl: number;
  /** What it counts as a victim; a decision sets it. */
  worth: number;
  /** Ledger time at which it was reserved. */
  placedAtMs: number;
  /** The last tie: its place among the ids. */
  tie: number;
  /** Its number where candidates rank by lot. */
  lot: number;
  /** Micro-USD that it frees. */
  held: number;
  /** Pools in which it counts, `TOTAL` included. */
  pools: number;
  /** Rule 5.1: a normal entry that works at the broker, and no VIP. */
  takeable: boolean;
  /** Its quantity and the least that it can be divided into, nanos; none where it has no plan. */
  readonly divisible?: { readonly qty: bigint; readonly step: bigint };
};

export type Thief = {
  readonly symbol: number;
  readonly side: Side;
  /** 0: none that can be used. */
  readonly price: number;
  /** The furthest price that is within the steal gate. */
  readonly gate: number;
  readonly pnl: number;
  readonly need: number;
  readonly pools: number;
};

export type Book = {
  /** By pool, micro-USD. */
  readonly caps: ArrayLike<number>;
  readonly used: ArrayLike<number>;
  /** What the budget of steals is a share of. */
  readonly budgetCap: number;
  readonly orders: readonly BookOrder[];
  readonly history: StealHistory;
};
