import { DateTime } from 'luxon';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MarketCalendar } from '../../../src/rules/session.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString();

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the core session', () => {
  const calendar = new MarketCalendar();

  it('includes its first instant and not its last', () => {
    expect(calendar.isOpen(at('2025-01-15T14:29:59.999Z'))).toBe(false);
    expect(calendar.isOpen(at('2025-01-15T14:30:00.000Z'))).toBe(true);
    expect(calendar.isOpen(at('2025-01-15T20:59:59.999Z'))).toBe(true);
    expect(calendar.isOpen(at('2025-01-15T21:00:00.000Z'))).toBe(false);
  });

  it('ends at 13:00 on an early close', () => {
    expect(calendar.session('2026-11-27')).toMatchObject({
      early: true,
      closeMs: at('2026-11-27T18:00:00Z'),
      source: 'rule',
    });
    expect(calendar.isOpen(at('2026-11-27T17:59:59.999Z'))).toBe(true);
    expect(calendar.isOpen(at('2026-11-27T18:00:00.000Z'))).toBe(false);
  });

  it.each([
    ['2026-03-06', '14:30', '21:00'],
    ['2026-03-09', '13:30', '20:00'],
    ['2026-10-30', '13:30', '20:00'],
    ['2026-11-02', '14:30', '21:00'],
    ['2027-03-15', '13:30', '20:00'],
    ['2027-11-08', '14:30', '21:00'],
  ])('follows summer time: on %s it is %s to %s UTC', (date, open, close) => {
    const session = calendar.session(date);
    expect(iso(session?.openMs ?? 0)).toBe(`${date}T${open}:00.000Z`);
    expect(iso(session?.closeMs ?? 0)).toBe(`${date}T${close}:00.000Z`);
  });

  it.each(['2026-03-08T06:59:59Z', '2026-03-08T07:00:00Z', '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'])(
    'is closed in the hour that is skipped or comes twice: %s',
    (time) => expect(calendar.isOpen(at(time))).toBe(false),
  );

  it('belongs to the day of New York, not of UTC', () => {
    expect(calendar.isOpen(at('2025-01-18T00:30:00Z'))).toBe(false); // Friday evening there
    // over a weekend and a holiday
    expect(calendar.nextOpen(at('2025-01-18T00:30:00Z'))).toBe(at('2025-01-21T14:30:00Z'));
  });

  it('is not held on a weekend, a holiday or a day of mourning', () => {
    for (const date of ['2025-01-18', '2025-01-19', '2025-01-20', '2025-01-09', '2018-12-05'])
      expect(calendar.session(date)).toBeNull();
  });

  it('takes further one-off closures', () => {
    const told = new MarketCalendar({ closures: ['2026-08-12'] });
    expect(told.session('2026-08-12')).toBeNull();
    expect(told.session('2025-01-09')).toBeNull();
    expect(calendar.session('2026-08-12')).not.toBeNull();
  });

  it('opens and closes next strictly after the instant', () => {
    const open = at('2026-11-25T14:30:00Z');
    const close = at('2026-11-25T21:00:00Z');
    expect(calendar.nextOpen(open - 1)).toBe(open);
    expect(calendar.nextOpen(open)).toBe(at('2026-11-27T14:30:00Z'));
    expect(calendar.nextClose(open)).toBe(close);
    expect(calendar.nextClose(close)).toBe(at('2026-11-27T18:00:00Z'));
  });

  it('refuses days that it knows no rules for, and what is no day', () => {
    expect(() => calendar.session('2036-01-02')).toThrow(/2013 to 2035.*broker's calendar/);
    expect(() => calendar.isOpen(0)).toThrow(/1969-12-31 is outside 2013 to/);
    expect(() => calendar.session('2026-02-30')).toThrow(/not a day/);
    expect(() => calendar.isOpen(Number.NaN)).toThrow(/not an instant/);
    expect(() => new MarketCalendar({ closures: ['tomorrow'] })).toThrow(/closure: "tomorrow"/);
  });

  it('converts no zone again within a day that was asked about', () => {
    const fresh = new MarketCalendar();
    fresh.isOpen(at('2026-11-27T05:00:00Z'));
    const conversions = vi.spyOn(DateTime, 'fromMillis');
    for (let ms = at('2026-11-27T05:00:00Z'); ms < at('2026-11-28T05:00:00Z'); ms += 60_000) fresh.isOpen(ms);
    expect(conversions).toHaveBeenCalledTimes(0);
    fresh.isOpen(at('2026-11-28T05:00:00Z'));
    expect(conversions).toHaveBeenCalledTimes(1);
  });

  it('agrees with a calendar that remembers nothing, in any order of questions', () => {
    let seed = 20_261_122;
    for (let n = 0; n < 400; n += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      const ms = at('2020-01-01T00:00:00Z') + (seed % 500_000_000) * 1000;
      expect(calendar.isOpen(ms), `seed ${seed}: ${iso(ms)}`).toBe(new MarketCalendar().isOpen(ms));
    }
  });
});

describe("a broker's calendar", () => {
  const week = [
    { date: '2026-08-10', open: '09:30', close: '16:00' },
    { date: '2026-08-11', open: '09:30', close: '13:00' },
    { date: '2026-08-13', open: '11:00', close: '16:00' },
  ];

  it('wins over the rules, its closed days and hours included', () => {
    const calendar = new MarketCalendar({ brokerDays: week });
    expect(calendar.session('2026-08-11')).toMatchObject({
      early: true,
      closeMs: at('2026-08-11T17:00:00Z'),
      source: 'broker',
    });
    expect(calendar.session('2026-08-12')).toBeNull();
    expect(calendar.isOpen(at('2026-08-13T14:00:00Z'))).toBe(false);
    expect(calendar.nextOpen(at('2026-08-11T17:00:00Z'))).toBe(at('2026-08-13T15:00:00Z'));
  });

  it('says nothing of days that it does not cover', () => {
    const calendar = new MarketCalendar({ brokerDays: week });
    expect(calendar.session('2026-08-14')).toMatchObject({ source: 'rule' });
    calendar.useBroker(week, { from: '2026-08-10', to: '2026-08-14' });
    expect(calendar.session('2026-08-14')).toBeNull();
  });

  it('takes effect on the day that is being asked about', () => {
    const calendar = new MarketCalendar();
    const noon = at('2026-08-12T16:00:00Z');
    expect(calendar.isOpen(noon)).toBe(true);
    calendar.useBroker(week);
    expect(calendar.isOpen(noon)).toBe(false);
  });

  it('reaches beyond the years of the rules', () => {
    const calendar = new MarketCalendar({
      brokerDays: [{ date: '2036-01-02', open: '09:30', close: '16:00' }],
    });
    expect(calendar.isOpen(at('2036-01-02T15:00:00Z'))).toBe(true);
  });

  it('is refused with the place of its fault, and the old one stays in force', () => {
    const calendar = new MarketCalendar({ brokerDays: week });
    expect(() => calendar.useBroker([{ date: '2026-08-12', open: '9h30', close: '16:00' }])).toThrow(
      /calendar\.0\.open: is not a time of day/,
    );
    expect(() => calendar.useBroker([{ date: '2026-08-12', open: '16:00', close: '09:30' }])).toThrow(
      /calendar\.0: opens after it closes/,
    );
    expect(() => calendar.useBroker([])).toThrow(/calendar: is empty/);
    expect(() => calendar.useBroker(week, { from: '2026-08-20', to: '2026-08-01' })).toThrow(
      /is not a range of days/,
    );
    expect(calendar.session('2026-08-12')).toBeNull();
  });
});
