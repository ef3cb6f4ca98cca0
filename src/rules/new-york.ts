/**
 * New York's civil time: the only place that converts time zones. One conversion costs about 5 us, so callers
 * cache the results.
 */
import { DateTime, Settings } from 'luxon';
import { WorkstealError } from '../domain/errors.ts';

// A bad zone or date would otherwise become an object that says "Invalid DateTime" far from its cause.
Settings.throwOnInvalid = true;

declare module 'luxon' {
  interface TSSettings {
    throwOnInvalid: true;
  }
}

const ZONE = 'America/New_York';

/** Latest instant a JavaScript date can hold, in ms. */
const MAX_MS = 8.64e15;

/** A civil day: its ISO date and the instants it begins and ends at (23, 24 or 25 hours apart). */
export type CivilDay = { readonly date: string; readonly startMs: number; readonly endMs: number };

function local(nowMs: number): DateTime {
  if (!Number.isFinite(nowMs) || Math.abs(nowMs) > MAX_MS) {
    throw new WorkstealError('invalid', `time: ${nowMs} is not an instant in milliseconds`, {
      field: 'time',
      value: String(nowMs),
    });
  }
  return DateTime.fromMillis(nowMs, { zone: ZONE });
}

/** The New York day that an instant belongs to. */
export function civilDay(nowMs: number): CivilDay {
  const start = local(nowMs).startOf('day');
  return { date: isoDate(start), startMs: start.toMillis(), endMs: start.plus({ days: 1 }).toMillis() };
}

/** `2026-11-27` and minutes after midnight by New York's clock -> the instant. */
export function civilInstant(date: string, minutes: number): number {
  return DateTime.fromISO(date, { zone: ZONE })
    .set({ hour: Math.floor(minutes / 60), minute: minutes % 60 })
    .toMillis();
}

/** An instant as New York's clock shows it, for people: `Fri 2026-11-27 13:00:00 EST`. */
export function showNewYork(nowMs: number): string {
  return local(nowMs).setLocale('en-US').toFormat('ccc yyyy-MM-dd HH:mm:ss ZZZZ');
}

/** The ISO date that many days after another. Calendar arithmetic only, without a time zone. */
export function addDays(date: string, days: number): string {
  return isoDate(DateTime.fromISO(date, { zone: 'utc' }).plus({ days }));
}

/** 1 is Monday, 7 is Sunday. */
export function weekday(date: string): number {
  return DateTime.fromISO(date, { zone: 'utc' }).weekday;
}

function isoDate(time: DateTime): string {
  return time.toFormat('yyyy-MM-dd');
}
