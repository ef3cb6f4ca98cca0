/** When a receiver that failed is tried again: after twice as long each time. */

const MOST_MS = 300_000;

export class Backoff {
  readonly #leastMs: number;
  readonly #monotonicMs: () => number;
  #failures = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(leastMs: number, monotonicMs = (): number => performance.now()) {
    this.#leastMs = leastMs;
    this.#monotonicMs = monotonicMs;
  }

  get isWaiting(): boolean {
    return this.#monotonicMs() < this.#untilMs;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  failed(): void {
    const pauseMs = Math.min(MOST_MS, this.#leastMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    this.#untilMs = this.#monotonicMs() + pauseMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
