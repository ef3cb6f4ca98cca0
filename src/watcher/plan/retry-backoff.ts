/**
 * How long a plan that could not act waits. There are four kinds:
 *
 * - `begin`: the plan lacks something other than room, such as a price. 100 ms, doubled each time up to
 *   5 s, with jitter. A different reason starts at 100 ms again. `lift` ends it early.
 * - `await`: the plan lacks room and is in the ledger's queue (docs/rules.md, 4.9). It waits until `lift`:
 *   its turn or a chance to steal has come.
 * - `refused`: the broker refused the plan's order because of the order itself. 1 s, doubled each time up to
 *   5 min, whatever happens in between. It starts at 1 s again after twice its length without a refusal. The
 *   ledger keeps it with the plan (lua/plan-note.lua), so the next host continues it.
 * - `hold`: the plan used up its attempts of this minute (lua/include/paces.lua). Nothing ends it early.
 *
 * The broker's refusal `opposite` goes to `refused`. The ledger's refusal of the same name goes to `begin`.
 */
import type { RefusalKind } from '../../broker/port.ts';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** After it was robbed, so that it does not contest the thief at once. */
const ROBBED_MS = 1_000;
const REFUSED_FIRST_MS = 1_000;
/** Further refusals in a row make the backoff no longer. */
const MOST_REFUSALS = 10;

/** `rejected`: an entry that the broker accepted first; `exit_rejected`: any exit. */
export type Refused = RefusalKind | 'rejected' | 'exit_rejected';

/**
 * The longest backoff after a refusal because of the order itself. It is shorter where the cause may pass
 * soon.
 */
const REFUSED_LONGEST_MS: ReadonlyMap<string, number> = new Map<Refused, number>([
  ...(['buying_power', 'held', 'opposite', 'exit_rejected'] as const).map((kind): [Refused, number] => [
    kind,
    30_000,
  ]),
  ...(
    ['short', 'price_step', 'minimum', 'not_tradable', 'duplicate', 'keys', 'order', 'rejected'] as const
  ).map((kind): [Refused, number] => [kind, 300_000]),
]);
const LONGEST_REFUSED_MS = Math.max(...REFUSED_LONGEST_MS.values());

/** The backoff that the ledger keeps with a plan, as of now. */
export type KeptPause = {
  /** Refusals by the broker in a row. */
  refused: number;
  /** The last refusal; '' without one, and once the next attempt has begun. */
  pausedFor: string;
  /** ms until the backoff ends; negative: ms since it ended. */
  pauseLeftMs: number;
  /** ms until the current attempt may begin. */
  waitMs: number;
};

/** Did the broker refuse because of the order itself, not of the account or the moment? */
export function isOwnFault(reason: string): reason is Refused {
  return REFUSED_LONGEST_MS.has(reason);
}

export class RetryBackoff {
  #reason = '';
  #byBroker = false;
  #lengthMs = 0;
  #untilMs = 0;
  #heldUntilMs = 0;
  #refusals = 0;
  #refusedLengthMs = 0;
  #refusedUntilMs = 0;

  /** Continues the backoff where the last host left it. */
  static kept({ refused, pausedFor, pauseLeftMs, waitMs }: KeptPause, nowMs: number): RetryBackoff {
    const pause = new RetryBackoff();
    pause.#heldUntilMs = nowMs + waitMs;
    if (refused === 0) return pause;
    pause.#refusals = refused;
    pause.#refusedLengthMs = refusedLengthMs(refused, pausedFor);
    pause.#refusedUntilMs = nowMs + pauseLeftMs;
    if (pausedFor === '') return pause;
    pause.#reason = pausedFor;
    pause.#byBroker = true;
    pause.#untilMs = pause.#refusedUntilMs;
    return pause;
  }

  /** What the plan lacked at the last `begin`; '' without one, and after a refusal by the broker. */
  get reason(): string {
    return this.#byBroker ? '' : this.#reason;
  }

  /** Why the broker refused, if that began the current backoff; else ''. */
  get refusedFor(): string {
    return this.#byBroker ? this.#reason : '';
  }

  /** @param fraction 0 <= x < 1, the jitter */
  begin(reason: string, nowMs: number, fraction: number): void {
    const firstMs = reason === 'robbed' ? ROBBED_MS : FIRST_MS;
    this.#lengthMs = reason === this.reason ? Math.min(2 * this.#lengthMs, LONGEST_MS) : firstMs;
    this.#set(reason, false, nowMs + jittered(this.#lengthMs, fraction));
  }

  /** It is in the queue for room. `untilMs`: it tries again by itself then. */
  await(reason: string, untilMs: number): void {
    this.#lengthMs = 0;
    this.#set(reason, false, untilMs);
  }

  /** The broker refused the order because of the order itself. */
  refused(kind: Refused, nowMs: number, fraction: number): void {
    const isAnew = this.#refusals === 0 || nowMs - this.#refusedUntilMs > 2 * this.#refusedLengthMs;
    this.#refusals = isAnew ? 1 : Math.min(this.#refusals + 1, MOST_REFUSALS);
    this.#refusedLengthMs = refusedLengthMs(this.#refusals, kind);
    this.#refusedUntilMs = nowMs + jittered(this.#refusedLengthMs, fraction);
    this.#set(kind, true, this.#refusedUntilMs);
  }

  /** No attempt begins before then; `lift` and `clear` do not change that. */
  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  isOn(nowMs: number): boolean {
    return nowMs < this.#untilMs || this.isHeld(nowMs);
  }

  isHeld(nowMs: number): boolean {
    return nowMs < this.#heldUntilMs;
  }

  /** What the ledger keeps; undefined unless a refusal by the broker began it. */
  toKeep(nowMs: number): { pausedFor: string; pauseMs: number; refused: number } | undefined {
    if (!this.#byBroker) return undefined;
    return {
      pausedFor: this.#reason,
      pauseMs: Math.max(0, Math.ceil(this.#untilMs - nowMs)),
      refused: this.#refusals,
    };
  }

  /**
   * The cause may be gone: the plan may retry now. If it fails again for the same reason, the backoff
   * continues to grow.
   */
  lift(): void {
    this.#untilMs = 0;
  }

  /** The plan's order was accepted. */
  clear(): void {
    this.#lengthMs = 0;
    this.#set('', false, 0);
  }

  /** The entry was filled: exits begin without refusals. */
  forgetRefusals(): void {
    this.#refusals = 0;
  }

  #set(reason: string, byBroker: boolean, untilMs: number): void {
    this.#reason = reason;
    this.#byBroker = byBroker;
    this.#untilMs = untilMs;
  }
}

function refusedLengthMs(times: number, kind: string): number {
  return Math.min(REFUSED_FIRST_MS * 2 ** (times - 1), REFUSED_LONGEST_MS.get(kind) ?? LONGEST_REFUSED_MS);
}

function jittered(lengthMs: number, fraction: number): number {
  return lengthMs * (0.75 + fraction / 2);
}
