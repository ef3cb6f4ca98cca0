/**
 * The broker's calendar replaces the paper exchange's rules: asked once a day, and kept while the broker does
 * not answer.
 */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import { TradingDays } from '../../src/broker/trading-days.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { startExchange } from '../../src/exchange/server.ts';
import type { BrokerDay } from '../../src/rules/broker-calendar.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import type { LogLine } from '../support/coordination.ts';

const never = new AbortController().signal;
const NOON = '2026-03-10T16:00:00Z'; // a Tuesday, at noon in New York

/** A broker that tells these days, or nothing while they are undefined; `asked` counts. */
function told(days: () => BrokerDay[] | undefined) {
  const lines: LogLine[] = [];
  const calendar = new MarketCalendar({ closures: ['2026-03-12'] });
  const asked: string[] = [];
  const tradingDays = new TradingDays({
    broker: {
      calendar: async (from, to) => {
        asked.push(`${from} ${to}`);
        const answer = days();
        if (answer === undefined) throw new WorkstealError('unclear', 'no answer');
        return answer;
      },
    },
    calendar,
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) }),
  });
  const isOpen = (instant: string) => calendar.isOpen(Date.parse(instant));
  const refresh = (instant: string) => tradingDays.refresh(Date.parse(instant), never);
  return { asked, lines, isOpen, refresh };
}

it('the exchange lists its days as Alpaca does: no holidays, early closes at 13:00', async () => {
  const exchange = await startExchange({ port: 0 });
  const log = pino({ level: 'silent' });
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url, keyId: 'k', secretKey: 's' };
  const broker = new AlpacaBroker({ ...urls, limiter: unlimited, requestTimeoutMs: 3_000, log });
  try {
    expect(await broker.calendar('2026-11-25', '2026-11-30')).toEqual([
      { date: '2026-11-25', open: '09:30', close: '16:00' },
      { date: '2026-11-27', open: '09:30', close: '13:00' },
      { date: '2026-11-30', open: '09:30', close: '16:00' },
    ]);
  } finally {
    await exchange.close();
  }
});

it('closures and early closes of the broker are in force, and win over those of the settings', async () => {
  const day = (date: string, close = '16:00') => ({ date, open: '09:30', close });
  const { isOpen, refresh, asked, lines } = told(() => [
    day('2026-03-10', '12:00'),
    day('2026-03-12'),
    day('2026-03-13'),
  ]);
  expect([isOpen(NOON), isOpen('2026-03-11T16:00:00Z'), isOpen('2026-03-12T16:00:00Z')]).toEqual([
    true,
    true,
    false,
  ]);
  await refresh(NOON);
  expect([isOpen(NOON), isOpen('2026-03-11T16:00:00Z'), isOpen('2026-03-12T16:00:00Z')]).toEqual([
    false,
    false,
    true,
  ]);
  expect(isOpen('2026-03-16T16:00:00Z')).toBe(true); // beyond its last day: by rule
  expect(asked).toEqual(['2026-03-03 2026-05-09']);
  expect(lines).toMatchObject([{ level: 30, days: 3, to: '2026-03-13' }]);
});

it('is asked once a New York day', async () => {
  const { refresh, asked } = told(() => [{ date: '2026-03-10', open: '09:30', close: '16:00' }]);
  for (const instant of [NOON, '2026-03-10T20:00:00Z', '2026-03-11T03:59:00Z', '2026-03-11T04:00:00Z'])
    await refresh(instant);
  expect(asked).toHaveLength(2);
});

it('until it answers, the rules hold, which is logged once, and it is asked again', async () => {
  let days: BrokerDay[] | undefined;
  const { isOpen, refresh, asked, lines } = told(() => days);
  for (let i = 0; i < 3; i += 1) await refresh(NOON);
  expect([asked.length, isOpen(NOON), isOpen('2026-03-12T16:00:00Z')]).toEqual([3, true, false]);
  days = [{ date: '2026-03-10', open: '10:00', close: '09:00' }];
  await refresh(NOON); // an answer that makes no sense is none
  expect(isOpen(NOON)).toBe(true);
  expect(lines.map(({ level }) => level)).toEqual([40]);
  days = [{ date: '2026-03-10', open: '09:30', close: '11:00' }];
  await refresh(NOON);
  expect(isOpen(NOON)).toBe(false);
  expect(lines.map(({ level }) => level)).toEqual([40, 30]);
});
