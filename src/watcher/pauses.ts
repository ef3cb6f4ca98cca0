/**
 * When a refused plan tries again: after 100 ms, then twice as long each time, up to 5 s, with some jitter, so that a thousand
 * blocked watchers spread out. Another reason starts anew; freed room ends a pause for those who are told.
 *
 * What the broker refused for the order's own sake is tried again after 1 s, and twice as long each time up to 5 min, whatever other
 * refusals come in between; it starts anew when the order was not refused for as long as two such pauses.
 */
import type { RefusalKind } from '../broker/port.ts';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** A robbed plan leaves its robber alone for so long. */
const ROBBED_MS = 1_000;
const REFUSED_FIRST_MS = 1_000;

/** The longest pause after a refusal that is the order's own fault; shorter where the cause may be over soon. */
const REFUSED_LONGEST_MS: ReadonlyMap<string, number> = new Map<RefusalKind | 'rejected', number>([
  ['buying_power', 30_000],
  ['held', 30_000],
  ['opposite', 30_000],
  ...(['short', 'price_step', 'minimum', 'not_tradable', 'duplicate', 'keys', 'order', 'rejected'] as const).map(
    (kind): [RefusalKind | 'rejected', number] => [kind, 300_000],
  ),
]);

export class Pause {
  #reason = '';
  #lengthMs = 0;
  #untilMs = 0;
  #refusedLengthMs = 0;
  #refusedUntilMs = 0;

  /** The reason of the pause that was begun last; '' for none. */
  get reason(): string {
    return this.#reason;
  }

  /** @param fraction 0 <= x < 1, the jitter */
  begin(reason: string, nowMs: number, fraction: number): void {
    const longestMs = REFUSED_LONGEST_MS.get(reason);
    const firstMs = reason === 'robbed' ? ROBBED_MS : FIRST_MS;
    if (longestMs !== undefined) this.#lengthMs = this.#refusedAgain(longestMs, nowMs);
    else this.#lengthMs = reason === this.#reason ? Math.min(2 * this.#lengthMs, LONGEST_MS) : firstMs;
    this.#reason = reason;
    this.#untilMs = nowMs + this.#lengthMs * (0.75 + fraction / 2);
    if (longestMs !== undefined) this.#refusedUntilMs = this.#untilMs;
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

  #refusedAgain(longestMs: number, nowMs: number): number {
    const isAnew = this.#refusedLengthMs === 0 || nowMs - this.#refusedUntilMs > 2 * this.#refusedLengthMs;
    this.#refusedLengthMs = isAnew ? REFUSED_FIRST_MS : Math.min(2 * this.#refusedLengthMs, longestMs);
    return this.#refusedLengthMs;
  }
}
