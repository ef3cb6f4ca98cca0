/** Something that is told at most once per interval, such as a failure that repeats every second. */

const MAX_KEPT = 100;

/** `isDue(text)`: was this text not told within the interval? Then it counts as told now. */
export class Seldom {
  readonly #everyMs: number;
  readonly #monotonicMs: () => number;
  readonly #toldMs = new Map<string, number>();

  constructor(everyMs: number, monotonicMs: () => number) {
    this.#everyMs = everyMs;
    this.#monotonicMs = monotonicMs;
  }

  isDue(text: string): boolean {
    const nowMs = this.#monotonicMs();
    const toldMs = this.#toldMs.get(text);
    if (toldMs !== undefined && nowMs - toldMs < this.#everyMs) return false;
    if (this.#toldMs.size >= MAX_KEPT) this.#toldMs.clear();
    this.#toldMs.set(text, nowMs);
    return true;
  }
}
