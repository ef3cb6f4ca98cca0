/** Puts the rules in force, with the caps that the market's session has, and lets the caps follow it (I1). */
import type { Logger } from 'pino';
import { readClock } from '../ledger/clock-reading.ts';
import { configure } from '../ledger/commands/configure.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MarketCalendar } from '../rules/session.ts';
import { followsSession, leverageAt } from '../rules/session-leverage.ts';
import type { Settings } from '../rules/settings.ts';

export type SessionCapsParts = {
  ledger: Ledger;
  rules: Settings;
  syncMaxAgeMs: number;
  log: Pick<Logger, 'info'>;
  calendar?: MarketCalendar;
};

export class SessionCaps {
  readonly #parts: SessionCapsParts;
  readonly #calendar: MarketCalendar;

  constructor(parts: SessionCapsParts) {
    this.#parts = parts;
    this.#calendar = parts.calendar ?? new MarketCalendar({ closures: parts.rules.nyseClosures });
  }

  /** The rules, with the caps of the ledger's time. @throws WorkstealError `unavailable`, `invalid` */
  async configure(): Promise<void> {
    const { ledger, rules, syncMaxAgeMs } = this.#parts;
    await configure(ledger, rules, syncMaxAgeMs, await this.#isOpen());
  }

  /**
   * Changes the caps where those in force are not the session's: to be called often. A cap that falls below what is used cancels
   * nothing; nothing is admitted until it fits again.
   * @throws WorkstealError `unavailable`, `invalid`
   */
  async follow(): Promise<void> {
    const { ledger, rules, syncMaxAgeMs, log } = this.#parts;
    if (!followsSession(rules)) return;
    const isOpen = await this.#isOpen();
    const fields = rules.pools.map(({ name }) => `leverage:${name}`);
    const inForce = await ledger.redis.hmget(key(ledger.account, 'account'), ...fields);
    const changes = rules.pools.flatMap((pool, at) => {
      const [was, is] = [inForce[at], leverageAt(pool, isOpen)];
      return was === null || was === is ? [] : [`${pool.name} ${was} -> ${is}`];
    });
    if (changes.length === 0) return;
    await configure(ledger, rules, syncMaxAgeMs, isOpen);
    log.info({ isOpen, changes }, `the market is ${isOpen ? 'open' : 'closed'}: leverage ${changes.join(', ')}`);
  }

  async #isOpen(): Promise<boolean> {
    const { ledger, rules } = this.#parts;
    return followsSession(rules) && this.#calendar.isOpen((await readClock(ledger)).nowMs);
  }
}
