/**
 * When a refused plan tries again: after 100 ms, then twice as long each time, up to 5 s, with some jitter, so that a thousand
 * blocked watchers spread out. Another reason starts anew; freed room ends a pause for those who are told.
 */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** A robbed plan leaves its robber alone for so long. */
const ROBBED_MS = 1_000;

export class Pause {
  #reason = '';
  #lengthMs = 0;
  #untilMs = 0;

  /** The reason of the pause that was begun last; '' for none. */
  get reason(): string {
    return this.#reason;
  }

  /** @param fraction 0 <= x < 1, the jitter */
  begin(reason: string, nowMs: number, fraction: number): void {
    const firstMs = reason === 'robbed' ? ROBBED_MS : FIRST_MS;
    this.#lengthMs = reason === this.#reason ? Math.min(2 * this.#lengthMs, LONGEST_MS) : firstMs;
    this.#reason = reason;
    this.#untilMs = nowMs + this.#lengthMs * (0.75 + fraction / 2);
  }

  isOn(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** Something happened that may change the answer: it may try now; if it is refused again for the same reason, the pause goes on growing. */
  lift(): void {
    this.#untilMs = 0;
  }

  /** It got through. */
  clear(): void {
    this.#reason = '';
    this.#lengthMs = 0;
    this.#untilMs = 0;
  }
}
