/** Puts the rules in force, with the caps of the market's session, and changes the caps with it (I1). */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { TradingDays } from '../broker/trading-days.ts';
import { answerOf } from '../ledger/answer.ts';
import { readClock } from '../ledger/clock-reading.ts';
import { configure } from '../ledger/commands/configure.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MarketCalendar } from '../rules/session.ts';
import { followsSession, leverageAt } from '../rules/session-leverage.ts';
import type { Settings } from '../rules/settings.ts';

/** How often the broker may be asked for its calendar; an answer covers a day. */
const ASK_EVERY_MS = 60_000;

export type SessionCapsParts = {
  ledger: Ledger;
  /** Its calendar takes precedence over the exchange's rules. */
  broker: Pick<Broker, 'calendar'>;
  rules: Settings;
  syncMaxAgeMs: number;
  log: Pick<Logger, 'info' | 'warn'>;
  monotonicMs: () => number;
};

export class SessionCaps {
  readonly #parts: SessionCapsParts;
  readonly #calendar: MarketCalendar;
  readonly #days: TradingDays;
  #askAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SessionCapsParts) {
    this.#parts = parts;
    this.#calendar = new MarketCalendar({ closures: parts.rules.nyseClosures });
    this.#days = new TradingDays({ ...parts, calendar: this.#calendar });
  }

  /**
   * Puts the rules in force, with the caps of the present.
   * @throws WorkstealError `unavailable`, `invalid`
   */
  async configure(): Promise<void> {
    const { ledger, rules, syncMaxAgeMs } = this.#parts;
    const isOpen = followsSession(rules) && this.#calendar.isOpen((await readClock(ledger)).nowMs);
    await configure(ledger, rules, syncMaxAgeMs, isOpen);
  }

  /**
   * Changes the caps if those in force are not the session's. Call it often. A cap that falls below what is
   * used cancels nothing, but nothing is admitted until there is room again.
   * @throws WorkstealError `unavailable`, `invalid`
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { ledger, rules, syncMaxAgeMs, log, monotonicMs } = this.#parts;
    if (!followsSession(rules)) return;
    const { nowMs } = await readClock(ledger);
    if (monotonicMs() >= this.#askAtMs) {
      await this.#days.refresh(nowMs, signal);
      this.#askAtMs = monotonicMs() + ASK_EVERY_MS;
    }
    const isOpen = this.#calendar.isOpen(nowMs);
    const fields = rules.pools.map(({ name }) => `leverage:${name}`);
    const inForce = await answerOf('caps', ledger.redis.hmget(key(ledger.account, 'account'), ...fields));
    const changes = rules.pools.flatMap((pool, at) => {
      const [was, is] = [inForce[at], leverageAt(pool, isOpen)];
      return was === null || was === is ? [] : [`${pool.name} ${was} -> ${is}`];
    });
    if (changes.length === 0) return;
    await configure(ledger, rules, syncMaxAgeMs, isOpen);
    log.info(
      { isOpen, changes },
      `the market is ${isOpen ? 'open' : 'closed'}: leverage ${changes.join(', ')}`,
    );
  }
}
