import { describe, expect, it } from 'vitest';
import { cryptoRanks } from '../../../src/rules/ranks.ts';
import { MarketCalendar } from '../../../src/rules/session.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { type EntryQuestion, entryRule, isCrypto } from '../../../src/rules/tolerance.ts';

const IN_HOURS = Date.parse('2025-01-15T16:00:00Z');
const OUT_OF_HOURS = Date.parse('2025-01-15T22:00:00Z');
const { settings } = readSettings({});
const calendar = new MarketCalendar();

function ask(question: Partial<EntryQuestion>, env: Record<string, string> = {}) {
  return entryRule(
    { nowMs: OUT_OF_HOURS, symbol: 'BTCUSD', rank: 1, ...question },
    readSettings(env).settings,
    calendar,
  );
}

describe('entry', () => {
  it('is the same for all in hours', () => {
    for (const symbol of ['BTCUSD', 'NVDA']) {
      expect(ask({ nowMs: IN_HOURS, symbol })).toEqual({
        nyseOpen: true,
        outOfHours: false,
        tolerance: '0.0066',
        forceImmediate: false,
      });
    }
  });

  it('is forced for the top crypto out of hours, wider for the others, unchanged for stocks', () => {
    expect(ask({ symbol: 'btc/usd' })).toEqual({
      nyseOpen: false,
      outOfHours: true,
      tolerance: '0.016',
      forceImmediate: true,
    });
    expect(ask({ symbol: 'ETHUSD', rank: 2 })).toMatchObject({ tolerance: '0.016', forceImmediate: false });
    expect(ask({ symbol: 'NVDA', rank: 1 })).toMatchObject({ tolerance: '0.0066', forceImmediate: false });
    expect(ask({ rank: null })).toMatchObject({ tolerance: '0.016', forceImmediate: false });
  });

  it('is forced for as many as the settings say', () => {
    expect(ask({ rank: 3 }, { CRYPTO_OUT_OF_HOURS_FORCE_COUNT: '3' }).forceImmediate).toBe(true);
    expect(ask({ rank: 4 }, { CRYPTO_OUT_OF_HOURS_FORCE_COUNT: '3' }).forceImmediate).toBe(false);
    expect(ask({ rank: 1 }, { CRYPTO_OUT_OF_HOURS_FORCE_COUNT: '0' }).forceImmediate).toBe(false);
  });

  it("goes by the broker's word where there is one", () => {
    expect(ask({ symbol: 'NEWUSD', assetClass: 'crypto' }).forceImmediate).toBe(true);
    expect(ask({ symbol: 'BTCUSD', assetClass: 'stock' })).toMatchObject({
      tolerance: '0.0066',
      forceImmediate: false,
    });
    expect(isCrypto('NEWUSD', settings)).toBe(false);
  });

  it('refuses a rank that is none', () => {
    for (const rank of [0, -1, 1.5, Number.NaN])
      expect(() => ask({ rank })).toThrow(/rank: .* is not a whole number of at least 1/);
  });
});

describe('the rank of a crypto', () => {
  it('goes by forecasted PnL, highest first, then by symbol', () => {
    const ranks = cryptoRanks(
      [
        { symbol: 'ETHUSD', pnl: '5' },
        { symbol: 'UNIUSD', pnl: '10.000000001' },
        { symbol: 'BTC/USD', pnl: '5.0' },
        { symbol: 'SOLUSD', pnl: '-1' },
        { symbol: 'XRPUSD' },
        { symbol: 'NVDA', pnl: '100' },
        { symbol: 'NEWUSD', pnl: '10', assetClass: 'crypto' },
      ],
      settings,
    );
    expect([...ranks]).toEqual([
      ['UNIUSD', 1],
      ['NEWUSD', 2],
      ['BTCUSD', 3],
      ['ETHUSD', 4],
      ['XRPUSD', 5],
      ['SOLUSD', 6],
    ]);
  });

  it('is one for each symbol: its best plan counts', () => {
    const ranks = cryptoRanks(
      [
        { symbol: 'BTCUSD', pnl: '1' },
        { symbol: 'ETHUSD', pnl: '2' },
        { symbol: 'BTC/USD', pnl: '3' },
      ],
      settings,
    );
    expect([...ranks]).toEqual([
      ['BTCUSD', 1],
      ['ETHUSD', 2],
    ]);
  });
});
