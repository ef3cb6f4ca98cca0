/** A broker's trading days. They take precedence over the rules for the days that the answer covers. */
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { isIsoDate } from './iso-date.ts';

/** A trading day by New York's clock, e.g. `{ date: '2026-11-27', open: '09:30', close: '13:00' }`. */
export type BrokerDay = { readonly date: string; readonly open: string; readonly close: string };

/** First and last day that the broker was asked about. Days between that it did not list are closed. */
export type Coverage = { readonly from: string; readonly to: string };

/** Minutes after midnight in New York. */
export type Hours = { readonly openMinute: number; readonly closeMinute: number };

export type BrokerCalendar = Coverage & { readonly hours: ReadonlyMap<string, Hours> };

/** A broker's whole calendar, 1970 to 2029, has about 15,000 days. */
const MAX_DAYS = 20_000;

const date = z.string().refine(isIsoDate, 'is not a day (yyyy-mm-dd)');
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day (hh:mm)')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const DAYS = z
  .array(
    z
      .object({ date, open: clock, close: clock })
      .refine((day) => day.open < day.close, 'opens after it closes'),
  )
  .min(1, 'is empty')
  .max(MAX_DAYS, `has more than ${MAX_DAYS} days`);

/**
 * Checks a broker's calendar. `coverage` defaults to its first and its last day.
 * @throws WorkstealError `invalid` with the path of the first fault.
 */
export function readBrokerCalendar(days: readonly BrokerDay[], coverage?: Coverage): BrokerCalendar {
  const parsed = DAYS.safeParse(days);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = ['calendar', ...(issue?.path ?? [])].join('.');
    throw new WorkstealError('invalid', `${field}: ${issue?.message ?? 'is malformed'}`, { field });
  }
  const sorted = parsed.data.map((day) => day.date).sort();
  const from = coverage?.from ?? sorted[0] ?? '';
  const to = coverage?.to ?? sorted.at(-1) ?? '';
  if (!isIsoDate(from) || !isIsoDate(to) || from > to) {
    throw new WorkstealError('invalid', `calendar: "${from}" to "${to}" is not a range of days`, {
      field: 'calendar',
      value: `${from}..${to}`,
    });
  }
  const hours = new Map(
    parsed.data.map((day) => [day.date, { openMinute: day.open, closeMinute: day.close }]),
  );
  return { from, to, hours };
}
