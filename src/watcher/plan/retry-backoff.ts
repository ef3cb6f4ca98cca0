/**
 * When a plan that was turned away tries again.
 *
 * - `begin`: it lacks something (room, a price). After 100 ms, then twice as long each time, up to 5 s, with
 *   some jitter, so that a thousand blocked watchers spread out. Another reason starts anew; freed room ends
 *   a pause for those who are told.
 * - `refused`: the broker refused its order, for the order's own sake. After 1 s, and twice as long each time
 *   up to 5 min, whatever comes in between; it starts anew when the order was not refused for as long as two
 *   such pauses. The ledger keeps it with the plan (lua/plan-note.lua), so that the next host goes on with
 *   it.
 * - `hold`: it began as many attempts as the ledger lets a plan begin in a minute (lua/include/paces.lua).
 *   Nothing lifts that.
 *
 * The broker's refusal `opposite` and the ledger's of the same name are two reasons: the one is given to
 * `refused`, the other to `begin`.
 */
import type { RefusalKind } from '../../broker/port.ts';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** A robbed plan leaves its robber alone for so long. */
const ROBBED_MS = 1_000;
const REFUSED_FIRST_MS = 1_000;
/** More than that many refusals in a row make no pause longer. */
const MOST_REFUSALS = 10;

/** `rejected`: an entry that it took and rejected later; `exit_rejected`: any exit. */
export type Refused = RefusalKind | 'rejected' | 'exit_rejected';

/**
 * The longest pause after a refusal that is the order's own fault; shorter where the cause may be over soon.
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

/** What the ledger keeps of a plan's pauses, as of now. */
export type KeptPause = {
  /** The broker refused its orders so often in a row. */
  refused: number;
  /** For what it pauses; '' where it does not, or has begun its next attempt. */
  pausedFor: string;
  /** ms until its last pause after a refusal ends; below 0: since when it is over. */
  pauseLeftMs: number;
  /** ms until its latest attempt may begin. */
  waitMs: number;
};

/** Is it a refusal that is the order's own fault, and not the account's or a moment's? */
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

  /** A plan's pause where its last host left it. */
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

  /**
   * What it lacked when the pause was begun that was begun last; '' for none, and after a refusal of the
   * broker.
   */
  get reason(): string {
    return this.#byBroker ? '' : this.#reason;
  }

  /** What the broker refused it for, if the pause that was begun last is for that; else ''. */
  get refusedFor(): string {
    return this.#byBroker ? this.#reason : '';
  }

  /** @param fraction 0 <= x < 1, the jitter */
  begin(reason: string, nowMs: number, fraction: number): void {
    const firstMs = reason === 'robbed' ? ROBBED_MS : FIRST_MS;
    this.#lengthMs = reason === this.reason ? Math.min(2 * this.#lengthMs, LONGEST_MS) : firstMs;
    this.#set(reason, false, nowMs + jittered(this.#lengthMs, fraction));
  }

  /** The broker refused its order. */
  refused(kind: Refused, nowMs: number, fraction: number): void {
    const isAnew = this.#refusals === 0 || nowMs - this.#refusedUntilMs > 2 * this.#refusedLengthMs;
    this.#refusals = isAnew ? 1 : Math.min(this.#refusals + 1, MOST_REFUSALS);
    this.#refusedLengthMs = refusedLengthMs(this.#refusals, kind);
    this.#refusedUntilMs = nowMs + jittered(this.#refusedLengthMs, fraction);
    this.#set(kind, true, this.#refusedUntilMs);
  }

  /** Nothing is begun for so long, whatever happens. */
  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  isOn(nowMs: number): boolean {
    return nowMs < this.#untilMs || this.isHeld(nowMs);
  }

  isHeld(nowMs: number): boolean {
    return nowMs < this.#heldUntilMs;
  }

  /** What the ledger is to keep of it; undefined where it is no refusal of the broker. */
  toKeep(nowMs: number): { pausedFor: string; pauseMs: number; refused: number } | undefined {
    if (!this.#byBroker) return undefined;
    return {
      pausedFor: this.#reason,
      pauseMs: Math.max(0, Math.ceil(this.#untilMs - nowMs)),
      refused: this.#refusals,
    };
  }

  /**
   * Something happened that may change the answer: it may try now; if it is refused again for the same
   * reason, the pause goes on growing.
   */
  lift(): void {
    this.#untilMs = 0;
  }

  /** It got through. */
  clear(): void {
    this.#lengthMs = 0;
    this.#set('', false, 0);
  }

  /** Its entry is filled: what comes now are exits, which were not refused yet. */
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
