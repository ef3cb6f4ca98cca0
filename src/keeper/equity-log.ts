/** Logs that a jump of the equity waits for a person, once per jump. */
import type { Logger } from 'pino';
import { type Micros, microsToDollars } from '../domain/money.ts';

export class EquityLog {
  #heldBack = false;

  /** @param toldMicros the equity that the broker reports; `equityMicros` is in force */
  update(
    { heldBackMicros, equityMicros }: { heldBackMicros: Micros; equityMicros: Micros },
    toldMicros: Micros,
    log: Pick<Logger, 'warn'>,
  ): void {
    const wasHeldBack = this.#heldBack;
    this.#heldBack = heldBackMicros > 0;
    if (!this.#heldBack || wasHeldBack) return;
    const [told, inForce] = [toldMicros, equityMicros].map(microsToDollars);
    log.warn(
      { toldMicros, equityMicros },
      `the broker reports an equity of $${told}, and $${inForce} is in force; ` +
        'if the new value is right, run worksteal accept equity',
    );
  }
}
