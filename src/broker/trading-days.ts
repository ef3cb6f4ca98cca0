/**
 * Keeps a calendar at the broker's word: asked once a New York day, for the weeks around it. Without an
 * answer the rules hold.
 */
import type { Logger } from 'pino';
import { addDays, civilDay } from '../rules/new-york.ts';
import type { MarketCalendar } from '../rules/session.ts';
import type { Broker } from './port.ts';

const DAYS_BACK = 7;
const DAYS_AHEAD = 60;

export type TradingDaysOptions = {
  broker: Pick<Broker, 'calendar'>;
  /** Gets the broker's days. */
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
   * Asks the broker unless it told its days on this one already: to be called every minute or so. A failure
   * is logged once, until the next success; what was known stays in force. Never throws.
   * @param nowMs the ledger's time
   */
  async refresh(nowMs: number, signal: AbortSignal): Promise<void> {
    const { broker, calendar, log } = this.#options;
    try {
      const { date: today } = civilDay(nowMs);
      if (today === this.#answered) return;
      const from = addDays(today, -DAYS_BACK);
      const days = await broker.calendar(from, addDays(today, DAYS_AHEAD), signal);
      // It speaks for no day beyond the last that it names: nobody knows every year to come.
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
        "trading days: the broker's calendar is not to be had; the exchange's own rules hold until it is",
      );
    }
  }
}
