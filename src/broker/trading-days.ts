/**
 * Keeps the market calendar in step with the broker's, which is read once per New York day for the weeks
 * around it. Without an answer the built-in rules apply.
 */
import type { Logger } from 'pino';
import { addDays, civilDay } from '../rules/new-york.ts';
import type { MarketCalendar } from '../rules/session.ts';
import type { Broker } from './port.ts';

const DAYS_BACK = 7;
const DAYS_AHEAD = 60;

export type TradingDaysOptions = {
  broker: Pick<Broker, 'calendar'>;
  /** Receives the broker's trading days. */
  calendar: MarketCalendar;
  log: Pick<Logger, 'info' | 'warn'>;
};

export class TradingDays {
  readonly #options: TradingDaysOptions;
  #answered = '';
  #failing = false;

  constructor(options: TradingDaysOptions) {
    this.#options = options;
  }

  /**
   * Reads the broker's calendar unless that was done today. Call it every minute or so. A failure is logged
   * once until the next success, and the days that were read before stay in force. Never throws.
   * @param nowMs the ledger's time
   */
  async refresh(nowMs: number, signal: AbortSignal): Promise<void> {
    const { broker, calendar, log } = this.#options;
    try {
      const { date: today } = civilDay(nowMs);
      if (today === this.#answered) return;
      const from = addDays(today, -DAYS_BACK);
      const days = await broker.calendar(from, addDays(today, DAYS_AHEAD), signal);
      // The answer covers no day after the last that it lists: brokers do not know all future years.
      const last = days.at(-1)?.date ?? today;
      calendar.useBroker(days, { from, to: last });
      this.#answered = today;
      this.#failing = false;
      log.info({ from, to: last, days: days.length }, "trading days: the broker's calendar is in force");
    } catch (err) {
      if (signal.aborted || this.#failing) return;
      this.#failing = true;
      log.warn(
        { err },
        "trading days: the broker's calendar could not be read; the built-in calendar applies until it can",
      );
    }
  }
}
