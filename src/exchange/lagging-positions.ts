/**
 * A fault: positions are reported as they were a while ago, while orders, cash and the judge are current. At
 * real brokers positions lag behind orders for moments, too. Reports go back at most to the fault's
 * beginning.
 */
import type { Position } from './account.ts';

/** At least this many changes are kept; older ones count as reported. */
const MAX_CHANGES = 10_000;

export class LaggingPositions {
  readonly #nowMs: () => number;
  /** Real ms; 0: no lag. */
  readonly #lagMs: () => number;
  /** A symbol's position until the given time, oldest first. */
  readonly #changes: { untilMs: number; symbol: string; before: Position | undefined }[] = [];

  constructor(nowMs: () => number, lagMs: () => number) {
    this.#nowMs = nowMs;
    this.#lagMs = lagMs;
  }

  /** Call it before a position changes, with the position as it still is. */
  changing(symbol: string, before: Position | undefined): void {
    if (this.#lagMs() === 0) {
      this.#changes.length = 0;
      return;
    }
    this.#changes.push({ untilMs: this.#nowMs(), symbol, before: before && { ...before } });
    if (this.#changes.length > 2 * MAX_CHANGES) this.#changes.splice(0, MAX_CHANGES);
  }

  /** The positions to report now. */
  reported(current: Iterable<Position>): Position[] {
    const positions = new Map([...current].map((position) => [position.symbol, position]));
    const lagMs = this.#lagMs();
    if (lagMs === 0) return [...positions.values()];
    const atMs = this.#nowMs() - lagMs;
    for (const { untilMs, symbol, before } of this.#changes.toReversed()) {
      if (untilMs <= atMs) break;
      if (before === undefined) positions.delete(symbol);
      else positions.set(symbol, before);
    }
    return [...positions.values()];
  }
}
