/**
 * The days on which the New York Stock Exchange is closed or closes early, by rule (NYSE Rule 7.2). One-off
 * closures follow no rule and are announced days ahead: past ones are listed here, new ones come from the
 * broker's calendar or the setting NYSE_CLOSURES.
 */
import { addDays, weekday } from './new-york.ts';

/**
 * The rules below hold for these years. Since 2013 the exchange closes early on July 3 from Monday to
 * Thursday.
 */
export const FIRST_YEAR = 2013;
export const LAST_YEAR = 2035;

/** Days of mourning. */
export const ONE_OFF_CLOSURES: readonly string[] = ['2018-12-05', '2025-01-09'];

const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;
const SUNDAY = 7;

function iso(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The nth weekday `day` (1 is Monday) of a month. */
function nth(n: number, day: number, year: number, month: number): string {
  const first = iso(year, month, 1);
  return addDays(first, ((day - weekday(first) + 7) % 7) + (n - 1) * 7);
}

/** The last Monday of May: the one in its last seven days. */
function memorialDay(year: number): string {
  const last = iso(year, 5, 31);
  return addDays(last, -(weekday(last) - MONDAY));
}

/** A holiday on a Saturday is observed the Friday before, one on a Sunday the Monday after. */
function observed(date: string): string {
  const day = weekday(date);
  if (day === SATURDAY) return addDays(date, -1);
  return day === SUNDAY ? addDays(date, 1) : date;
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876). */
function easter(year: number): string {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const leapless = century - Math.floor(century / 4);
  const moon =
    (19 * golden + leapless - Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) + 15) % 30;
  const week = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - moon - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * moon + 22 * week) / 451);
  const sum = moon + week - 7 * late + 114;
  return iso(year, Math.floor(sum / 31), (sum % 31) + 1);
}

/** The weekdays of a year on which the exchange is closed by rule, in order. */
export function holidays(year: number): string[] {
  const newYear = iso(year, 1, 1);
  return [
    // On a Saturday it is not observed: the Friday before is the last trading day of the old year.
    ...(weekday(newYear) === SATURDAY ? [] : [observed(newYear)]),
    nth(3, MONDAY, year, 1), // Martin Luther King
    nth(3, MONDAY, year, 2), // Washington
    addDays(easter(year), -2), // Good Friday
    memorialDay(year),
    ...(year >= 2022 ? [observed(iso(year, 6, 19))] : []), // Juneteenth
    observed(iso(year, 7, 4)),
    nth(1, MONDAY, year, 9), // Labor Day
    nth(4, THURSDAY, year, 11), // Thanksgiving
    observed(iso(year, 12, 25)),
  ];
}

/** The days of a year on which the core session ends at 13:00, in order. */
export function earlyCloses(year: number): string[] {
  const beforeIndependence = iso(year, 7, 3);
  const christmasEve = iso(year, 12, 24);
  return [
    // When July 3 is a Friday, it is the holiday itself, observed for Saturday July 4.
    ...(weekday(beforeIndependence) < FRIDAY ? [beforeIndependence] : []),
    addDays(nth(4, THURSDAY, year, 11), 1),
    ...(weekday(christmasEve) < FRIDAY ? [christmasEve] : []),
  ];
}
