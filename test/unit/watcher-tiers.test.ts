/**
 * Which tier a plan is in, minute by minute, at closes and opens of every kind (docs/rules.md, 11).
 */
import { expect, it } from 'vitest';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { entryRule } from '../../src/rules/tolerance.ts';
import { tierOf } from '../../src/watcher/tiers.ts';

const { settings } = readSettings({ NYSE_CLOSURES: '2026-03-10' });
const calendar = new MarketCalendar({ closures: settings.nyseClosures });

it.each([
  ['Friday, before the close', '2026-11-20T15:59:59.999-05:00', 'normal normal'],
  ['Friday, at the close', '2026-11-20T16:00:00-05:00', 'forced wide'],
  ['Saturday', '2026-11-21T12:00:00-05:00', 'forced wide'],
  ['Monday, before the open', '2026-11-23T09:29:59.999-05:00', 'forced wide'],
  ['Monday, at the open', '2026-11-23T09:30:00-05:00', 'normal normal'],
  ['Thanksgiving', '2026-11-26T12:00:00-05:00', 'forced wide'],
  ['the day after, before its early close', '2026-11-27T12:59:59.999-05:00', 'normal normal'],
  ['the day after, at its early close', '2026-11-27T13:00:00-05:00', 'forced wide'],
  ['a closure that the settings name', '2026-03-10T12:00:00-04:00', 'forced wide'],
  ['the day after it', '2026-03-11T12:00:00-04:00', 'normal normal'],
])('%s: %s', (_, at, expected) => {
  const tier = (symbol: string, rank: number | null) =>
    tierOf(entryRule({ nowMs: Date.parse(at), symbol, rank }, settings, calendar), settings);
  expect(`${tier('BTCUSD', 1)} ${tier('ETHUSD', 2)}`).toBe(expected);
  expect(tier('AAPL', null)).toBe('normal');
});
