import { describe, expect, it } from 'vitest';
import { earlyCloses, holidays } from '../../../src/rules/holidays.ts';

/** The exchange's own announcements of 2021-12-27, 2024-11-08 and 2025-12-23, month and day. */
const ANNOUNCED: [year: number, closed: string, early: string][] = [
  [2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2025, '01-01 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
  [2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
];

function dates(year: number, days: string): string[] {
  return days.split(' ').map((day) => `${year}-${day}`);
}

describe('the rules of the exchange give the days it announced', () => {
  it.each(ANNOUNCED)('in %i', (year, closed, early) => {
    expect(holidays(year)).toEqual(dates(year, closed));
    expect(earlyCloses(year)).toEqual(dates(year, early));
  });
});

describe('rules that depend on the year', () => {
  it('Juneteenth is a holiday from 2022 on, kept on Monday 20 that year', () => {
    expect(holidays(2021).filter((day) => day.includes('-06-'))).toEqual([]);
    expect(holidays(2022)).toContain('2022-06-20');
  });

  it('New Year on a Sunday is kept on Monday, on a Saturday not at all', () => {
    expect(holidays(2023)[0]).toBe('2023-01-02');
    expect(holidays(2022)[0]).toBe('2022-01-17');
  });

  it('a Friday, Saturday or Sunday of July 3 or December 24 is no early close', () => {
    expect(earlyCloses(2020)).toEqual(['2020-11-27', '2020-12-24']);
    expect(earlyCloses(2021)).toEqual(['2021-11-26']);
    expect(earlyCloses(2022)).toEqual(['2022-11-25']);
    expect(earlyCloses(2023)).toEqual(['2023-07-03', '2023-11-24']);
  });

  it('Good Friday follows Easter from its earliest to its latest', () => {
    const goodFridays = {
      2021: '04-02',
      2022: '04-15',
      2023: '04-07',
      2029: '03-30',
      2030: '04-19',
      2032: '03-26',
      2035: '03-23',
    };
    for (const [year, day] of Object.entries(goodFridays))
      expect(holidays(Number(year))).toContain(`${year}-${day}`);
  });

  it('every holiday and early close is a weekday, in order, and no day is both', () => {
    for (let year = 2013; year <= 2035; year += 1) {
      const closed = holidays(year);
      expect(closed).toEqual([...closed].sort());
      for (const day of [...closed, ...earlyCloses(year)])
        expect([0, 6]).not.toContain(new Date(`${day}T00:00:00Z`).getUTCDay());
      expect(earlyCloses(year).filter((day) => closed.includes(day))).toEqual([]);
    }
  });
});
