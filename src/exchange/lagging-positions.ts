/**
 * A fault: positions as they were a while ago, while orders, cash and the judge know better. Positions lag
 * behind orders at brokers too, for moments. What was before the fault began is not known; an answer goes
 * back to its beginning at most.
 */
import type { Position } from './account.ts';

/** Changes that are remembered; older ones are taken for long told. */
const MAX_CHANGES = 10_000;

export class LaggingPositions {
  readonly #nowMs: () => number;
  /** Real ms; 0: positions are told as they are. */
  readonly #lagMs: () => number;
  /** What a symbol's position was until this time, oldest first. */
  readonly #changes: { untilMs: number; symbol: string; before: Position | undefined }[] = [];

  constructor(nowMs: () => number, lagMs: () => number) {
    this.#nowMs = nowMs;
    this.#lagMs = lagMs;
  }

  /** A position is about to change from this. */
  changing(symbol: string, before: Position | undefined): void {
    if (this.#lagMs() === 0) {
      this.#changes.length = 0;
      return;
    }
    this.#changes.push({ untilMs: this.#nowMs(), symbol, before: before && { ...before } });
    if (this.#changes.length > 2 * MAX_CHANGES) this.#changes.splice(0, MAX_CHANGES);
  }

  /** The positions as they are told now. */
  told(current: Iterable<Position>): Position[] {
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
