/**
 * The core session of the New York Stock Exchange, 09:30-16:00 New York, early closes 13:00 (docs/rules.md,
 * 11.1). The session includes its first instant and not its last: at 16:00:00.000 it is closed.
 */
import { WorkstealError } from '../domain/errors.ts';
import {
  type BrokerCalendar,
  type BrokerDay,
  type Coverage,
  type Hours,
  readBrokerCalendar,
} from './broker-calendar.ts';
import { earlyCloses, FIRST_YEAR, holidays, LAST_YEAR, ONE_OFF_CLOSURES } from './holidays.ts';
import { isIsoDate } from './iso-date.ts';
import { addDays, type CivilDay, civilDay, civilInstant, weekday } from './new-york.ts';

/** One day's core session. `source`: from the exchange's rules or from the broker's calendar. */
export type Session = {
  readonly date: string;
  readonly openMs: number;
  readonly closeMs: number;
  readonly early: boolean;
  readonly source: 'rule' | 'broker';
};

const FULL: Hours = { openMinute: 9 * 60 + 30, closeMinute: 16 * 60 };
const EARLY: Hours = { openMinute: FULL.openMinute, closeMinute: 13 * 60 };

/** Longest run of closed days that is searched (September 2001 had six). */
const MAX_CLOSED_DAYS = 31;

/** Size of the cache of sessions; a watcher needs one day, a replay goes through days in order. */
const MAX_KEPT_DAYS = 64;

/**
 * A New York day and its session. Without a session `openMs` and `closeMs` are both the start of the day.
 */
type CachedDay = CivilDay & { readonly openMs: number; readonly closeMs: number };

const NO_DAY: CachedDay = { date: '', startMs: 0, endMs: 0, openMs: 0, closeMs: 0 };

export class MarketCalendar {
  readonly #closures: ReadonlySet<string>;
  #broker: BrokerCalendar | null = null;
  #today: CachedDay = NO_DAY;
  readonly #sessions = new Map<string, Session | null>();
  readonly #years = new Map<number, { closed: ReadonlySet<string>; early: ReadonlySet<string> }>();

  /**
   * `closures`: one-off closures (`yyyy-mm-dd`) besides those in `holidays.ts`; `brokerDays`: see
   * `useBroker`.
   * @throws WorkstealError `invalid` when one of them is not a day.
   */
  constructor(options: { closures?: readonly string[]; brokerDays?: readonly BrokerDay[] } = {}) {
    const closures = options.closures ?? [];
    for (const date of closures) assertDate(date, 'closure');
    this.#closures = new Set([...ONE_OFF_CLOSURES, ...closures]);
    if (options.brokerDays) this.useBroker(options.brokerDays);
  }

  /**
   * Uses a broker's calendar in place of the one before. It takes precedence over the rules for every day of
   * `coverage` (default: its first to its last day); a day of these that it does not list is closed.
   * @throws WorkstealError `invalid` when it is malformed; the calendar before stays in force.
   */
  useBroker(days: readonly BrokerDay[], coverage?: Coverage): void {
    this.#broker = readBrokerCalendar(days, coverage);
    this.#sessions.clear();
    this.#today = NO_DAY;
  }

  /**
   * Is the core session on at this instant (ms since 1970)? Fast while the day is the same as in the call
   * before.
   */
  isOpen(nowMs: number): boolean {
    const day = nowMs >= this.#today.startMs && nowMs < this.#today.endMs ? this.#today : this.#load(nowMs);
    return nowMs >= day.openMs && nowMs < day.closeMs;
  }

  /** The first opening after this instant (not at it). */
  nextOpen(nowMs: number): number {
    return this.#next(nowMs, 'openMs');
  }

  /** The first closing after this instant: today's while open, else the next session's. */
  nextClose(nowMs: number): number {
    return this.#next(nowMs, 'closeMs');
  }

  /**
   * The session of a New York day (`yyyy-mm-dd`), or null when it has none.
   * @throws WorkstealError `invalid` when it is not a day, or when neither the rules nor the broker's
   *   calendar cover it.
   */
  session(date: string): Session | null {
    const kept = this.#sessions.get(date);
    if (kept !== undefined) return kept;
    assertDate(date, 'date');
    const session = this.#compute(date);
    if (this.#sessions.size >= MAX_KEPT_DAYS) this.#sessions.clear();
    this.#sessions.set(date, session);
    return session;
  }

  #load(nowMs: number): CachedDay {
    const day = civilDay(nowMs);
    const session = this.session(day.date);
    this.#today = {
      ...day,
      openMs: session?.openMs ?? day.startMs,
      closeMs: session?.closeMs ?? day.startMs,
    };
    return this.#today;
  }

  #next(nowMs: number, bound: 'openMs' | 'closeMs'): number {
    let { date } = civilDay(nowMs);
    for (let searched = 0; searched <= MAX_CLOSED_DAYS; searched += 1) {
      const session = this.session(date);
      if (session && session[bound] > nowMs) return session[bound];
      date = addDays(date, 1);
    }
    throw new WorkstealError(
      'invalid',
      `calendar: no session within ${MAX_CLOSED_DAYS} days before ${date}; check the broker's calendar`,
      {
        field: 'calendar',
        value: date,
      },
    );
  }

  #compute(date: string): Session | null {
    const broker = this.#broker;
    if (broker && date >= broker.from && date <= broker.to) {
      const hours = broker.hours.get(date);
      return hours ? asSession(date, hours, 'broker') : null;
    }
    const year = this.#year(date);
    if (weekday(date) > 5 || this.#closures.has(date) || year.closed.has(date)) return null;
    return asSession(date, year.early.has(date) ? EARLY : FULL, 'rule');
  }

  #year(date: string): { closed: ReadonlySet<string>; early: ReadonlySet<string> } {
    const year = Number(date.slice(0, 4));
    if (year < FIRST_YEAR || year > LAST_YEAR) {
      throw new WorkstealError(
        'invalid',
        `date: ${date} is outside ${FIRST_YEAR} to ${LAST_YEAR}, the years of the built-in holidays;` +
          " use the broker's calendar",
        { field: 'date', value: date },
      );
    }
    const kept = this.#years.get(year);
    if (kept) return kept;
    const made = { closed: new Set(holidays(year)), early: new Set(earlyCloses(year)) };
    this.#years.set(year, made); // bounded by the years that are known
    return made;
  }
}

function asSession(date: string, hours: Hours, source: Session['source']): Session {
  const openMs = civilInstant(date, hours.openMinute);
  const closeMs = civilInstant(date, hours.closeMinute);
  return Object.freeze({ date, openMs, closeMs, early: hours.closeMinute < FULL.closeMinute, source });
}

function assertDate(text: string, field: string): void {
  if (isIsoDate(text)) return;
  throw new WorkstealError('invalid', `${field}: "${text}" is not a day (yyyy-mm-dd)`, {
    field,
    value: text,
  });
}
