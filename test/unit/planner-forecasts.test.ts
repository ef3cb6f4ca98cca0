/** One forecast and a set of them: what is asked for, until when, and what is refused. No Redis. */
import { describe, expect, it } from 'vitest';
import { askedPlan } from '../../src/planner/forecasts/asked-plan.ts';
import { readExpiry, resolveExpiry } from '../../src/planner/forecasts/expiry.ts';
import type { RawValues } from '../../src/planner/forecasts/fields.ts';
import { readForecast } from '../../src/planner/forecasts/forecast.ts';
import { forecastSet } from '../../src/planner/forecasts/forecast-set.ts';
import { readRows } from '../../src/planner/forecasts/read-rows.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';

const calendar = new MarketCalendar();
const rules = readSettings({ WORK_STEALING_POOLS: 'crypto:1' }).settings;
const defaults = { strategy: 'morning', fractional: false };
const AAPL: RawValues = { symbol: 'aapl', limit: '230.10', quantity: '10' };

const moment = (at: string) => {
  const nowMs = Date.parse(at);
  return { nowMs, nextClose: () => calendar.nextClose(nowMs), rules };
};
const NOON = moment('2026-11-24T17:00:00Z');

function expiresAt(symbol: string, expiry: string, at: string): string {
  const { nowMs, nextClose } = moment(at);
  return new Date(resolveExpiry(readExpiry(expiry), symbol, nowMs, nextClose).expiresAtMs).toISOString();
}

describe('what is wrong', () => {
  it.each([
    ['csv', `symbol,limit,qty,expiry\n\u001b[2J,1,1,\nAAPL,1,1,${'x'.repeat(9_000)}\n"AAPL\u0007,1\n`],
    ['jsonl', '{"symbol":"\\u001b[2J","limit":1}\n{"limit\\u0007":[]}\nx\u001b[2J\n'],
    ['json', '[{"symbol":"AA\\u001b[2J"},{"limit":{}}]'],
  ] as const)('in %s is told in sentences that a terminal can show', (format, text) => {
    const { faults } = forecastSet(readRows(text, format), { ...defaults, ...NOON, warnOfDoubles: true });
    expect(faults.length).toBeGreaterThan(1);
    for (const { message } of faults) expect(message).toMatch(/^\P{Cc}{5,800}$/u);
  });
});

describe('a forecast', () => {
  it('says little and means the usual', () => {
    expect(readForecast(AAPL, defaults)).toEqual({
      ...{
        strategy: 'morning',
        symbol: 'AAPL',
        side: 'buy',
        mode: 'normal',
        limit: '230.1',
        qty: '10',
        pnl: '0',
        fillProbability: '1',
        takeProfit: '',
      },
      ...{ expiry: { kind: 'usual' }, rounded: false },
    });
  });

  it('says all', () => {
    const all = {
      symbol: 'BTC/USD',
      side: 'SELL',
      limit: '95000.123456789',
      quantity: '0.5',
      pnl: '-2.50',
      fill_probability: '4e-1',
      mode: 'Probe',
    };
    expect(
      readForecast({ ...all, take_profit: '9e4', expiry: '4h', strategy: 'x_1' }, defaults),
    ).toMatchObject({
      ...{
        strategy: 'x_1',
        symbol: 'BTCUSD',
        side: 'sell',
        mode: 'probe',
        limit: '95000.123456789',
        qty: '0.5',
        pnl: '-2.5',
        fillProbability: '0.4',
        takeProfit: '90000',
      },
      expiry: { kind: 'after', ms: 4 * 3_600_000 },
    });
  });

  it.each([
    ['a stock in whole shares', { symbol: 'AAPL', limit: '230', notional: '1000' }, false, '4'],
    [
      'a stock in parts of shares, where that is wanted',
      { symbol: 'AAPL', limit: '230', notional: '1000' },
      true,
      '4.347826086',
    ],
    [
      'a short sale of a stock in whole shares whatever is wanted',
      { symbol: 'AAPL', side: 'sell', limit: '230', notional: '1000' },
      true,
      '4',
    ],
    [
      'a crypto to nine decimals',
      { symbol: 'BTCUSD', limit: '95000', notional: '1000' },
      false,
      '0.010526315',
    ],
  ])('a notional buys %s', (_, values, fractional, qty) => {
    expect(readForecast(values, { ...defaults, fractional }).qty).toBe(qty);
  });

  it('prices between the steps of the broker move away from the market', () => {
    const buy = readForecast({ ...AAPL, limit: '230.109', take_profit: '231.001' }, defaults);
    expect(buy).toMatchObject({ limit: '230.1', takeProfit: '231.01', rounded: true });
    const sell = readForecast({ ...AAPL, side: 'sell', limit: '230.101', take_profit: '229.999' }, defaults);
    expect(sell).toMatchObject({ limit: '230.11', takeProfit: '229.99', rounded: true });
  });

  it.each<[RawValues, RegExp]>([
    [{}, /symbol is missing/],
    [
      { ...AAPL, symbol: 'ETH/BTC' },
      /symbol "ETH\/BTC" is quoted in BTC, not in dollars; a plan trades stocks, and pairs quoted in dollars/,
    ],
    [{ ...AAPL, symbol: 'AAPL270115C00200000' }, /symbol "AAPL270115C00200000" is an option/],
    [{ ...AAPL, symbol: 'A B' }, /symbol "A B" is not a symbol: write A.B/],
    [{ ...AAPL, side: 'long' }, /side "long" is not buy or sell/],
    [{ symbol: 'A', quantity: '1' }, /limit is missing/],
    [{ ...AAPL, limit: '0' }, /limit "0" is not above 0/],
    [{ ...AAPL, limit: '-1' }, /not above 0/],
    [{ ...AAPL, limit: '9007199' }, /below 9007199/],
    [{ ...AAPL, limit: '1e400' }, /below 9007199/],
    [{ symbol: 'A', limit: '1' }, /quantity and notional are both missing/],
    [{ ...AAPL, notional: '10' }, /both given/],
    [{ ...AAPL, quantity: '0' }, /quantity "0" is not above 0/],
    [{ ...AAPL, quantity: '1e12', limit: '9007198' }, /more than the ledger can hold/],
    [{ ...AAPL, side: 'sell', quantity: '1.5' }, /whole number of shares/],
    [{ symbol: 'A', limit: '230', notional: '229.99' }, /buys less than one share at 230/],
    [{ ...AAPL, pnl: 'much' }, /pnl "much" is not a number$/],
    [{ ...AAPL, pnl: '1000000.1' }, /pnl/],
    [
      { ...AAPL, fill_probability: '40' },
      /fill_probability "40" is above 1: a probability is between 0 and 1/,
    ],
    [{ ...AAPL, fill_probability: '-0.1' }, /fill_probability "-0.1" is below 0/],
    [{ ...AAPL, mode: 'vip' }, /mode "vip" is not normal or probe/],
    [{ ...AAPL, take_profit: '230.10' }, /not above the limit 230.10 of a buy/],
    [{ ...AAPL, side: 'sell', take_profit: '231' }, /not below the limit/],
    [
      { ...AAPL, expiry: 'soon' },
      /expiry "soon" is not a time: write 2026-11-27T16:00:00-05:00, "close", or a duration such as 4h/,
    ],
    [{ ...AAPL, strategy: 'two words' }, /strategy "two words" is not 1 to 32 characters/],
    [{ ...AAPL, limit: 'x', mode: 'y', pnl: 'z' }, /limit "x".*pnl "z".*mode "y"/],
  ])('%j is refused', (values, message) => expect(() => readForecast(values, defaults)).toThrow(message));
});

describe('an expiry', () => {
  it.each([
    [
      'of a stock in hours is its session’s end',
      'AAPL',
      '',
      '2026-11-24T17:00:00Z',
      '2026-11-24T21:00:00.000Z',
    ],
    [
      'of a stock at the closing bell is the next session’s end',
      'AAPL',
      '',
      '2026-11-24T21:00:00Z',
      '2026-11-25T21:00:00.000Z',
    ],
    [
      'of a stock before the opening is that day’s end',
      'AAPL',
      '',
      '2026-11-24T12:00:00Z',
      '2026-11-24T21:00:00.000Z',
    ],
    [
      'of a stock on Thanksgiving is the early close of the day after',
      'AAPL',
      '',
      '2026-11-26T17:00:00Z',
      '2026-11-27T18:00:00.000Z',
    ],
    [
      'of a stock at the weekend is Monday’s end',
      'AAPL',
      'close',
      '2026-11-28T17:00:00Z',
      '2026-11-30T21:00:00.000Z',
    ],
    ['of a crypto is a day', 'BTCUSD', '', '2026-11-28T17:00:00Z', '2026-11-29T17:00:00.000Z'],
    [
      'of a crypto at the close is New York’s',
      'BTCUSD',
      'Close',
      '2026-11-27T17:59:59Z',
      '2026-11-27T18:00:00.000Z',
    ],
    ['is a while', 'AAPL', '1d12h30m5s', '2026-11-24T17:00:00Z', '2026-11-26T05:30:05.000Z'],
    [
      'is an instant',
      'AAPL',
      '2026-11-27T13:00:00-05:00',
      '2026-11-24T17:00:00Z',
      '2026-11-27T18:00:00.000Z',
    ],
  ])('%s', (_, symbol, expiry, at, expected) => expect(expiresAt(symbol, expiry, at)).toBe(expected));

  it.each([
    ['2026-11-24T17:00:00Z', /is over/],
    ['2028-01-01T00:00:00Z', /more than 366 days/],
    ['2026-11-27T13:00:00', /zone/],
    ['2026-02-30T13:00:00Z', /not a time/],
    ['0h', /between/],
    ['400d', /between/],
    ['h', /not a time/],
    ['-4h', /not a time/],
  ])('%s is refused', (expiry, message) =>
    expect(() => expiresAt('AAPL', expiry, '2026-11-24T17:00:00Z')).toThrow(message),
  );
});

describe('the plan of a forecast', () => {
  const planOf = (values: RawValues, at = NOON) =>
    askedPlan(readForecast({ ...AAPL, ...values }, defaults), at);

  it('has an id of strategy, symbol, side and parameters alone', () => {
    const plan = planOf({});
    expect(plan).toMatchObject({
      id: expect.stringMatching(/^morning-AAPL-buy-[0-9a-f]{8}$/),
      pool: '',
      startsAtMs: 0,
      holdMs: 0,
    });
    expect(planOf({ limit: '230.1', pnl: '0.00', side: 'BUY', fill_probability: '1.0' })).toEqual(plan);
    const others = [
      { limit: '230.2' },
      { quantity: '11' },
      { pnl: '1' },
      { fill_probability: '0.5' },
      { take_profit: '231' },
      { mode: 'probe' },
      { expiry: '1h' },
    ];
    const made = [
      plan,
      ...[...others, { side: 'sell' }, { strategy: 'm' }, { symbol: 'MSFT' }].map((values) => planOf(values)),
    ];
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
    expect(new Set(made.map(({ terms }) => terms)).size).toBe(made.length);
  });

  it('has an id that leaves room for the ids of its orders, whatever the names', () => {
    const { id } = planOf({ symbol: 'A.BCDEFGHIJKLMNOPQRS', side: 'sell', strategy: 'x'.repeat(32) });
    expect(id).toMatch(/^[A-Za-z0-9_-]{1,41}$/);
  });

  it('is the same wish a minute later when a while was given, and another plan', () => {
    const [first, later] = [
      planOf({ expiry: '4h' }),
      planOf({ expiry: '4h' }, moment('2026-11-24T17:01:00Z')),
    ];
    expect(later.terms).toBe(first.terms);
    expect(later.id).not.toBe(first.id);
    expect(planOf({}, moment('2026-11-24T17:01:00Z'))).toEqual(planOf({}));
    expect(planOf({ expiry: 'close' }, moment('2026-11-25T17:00:00Z')).terms).not.toBe(
      planOf({ expiry: 'close' }).terms,
    );
  });

  it('is in the pool of its kind', () => expect(planOf({ symbol: 'ETHUSD' }).pool).toBe('crypto'));
});

describe('a set of forecasts', () => {
  const setOf = (csv: string) =>
    forecastSet(readRows(csv, 'csv'), { ...defaults, ...NOON, warnOfDoubles: true });

  it('tells its faults by line and takes the rest', () => {
    const set = setOf('symbol,limit,qty\nAAPL,1,1\nMSFT,x,1\nNVDA,2,1\n');
    expect(set.asked.map(({ line, plan }) => [line, plan.symbol])).toEqual([
      [2, 'AAPL'],
      [4, 'NVDA'],
    ]);
    expect(set.faults).toEqual([{ line: 3, message: expect.stringContaining('limit "x"') }]);
    expect(set).toMatchObject({ complete: true, strategies: ['morning'] });
    expect([...set.held]).toEqual(['morning MSFT buy']);
  });

  it('is not complete when a row does not tell what it is about', () => {
    expect(setOf('symbol,limit,qty\nAAPL,1,1\nA B,1,1\n').complete).toBe(false);
    expect(setOf('symbol,limit,qty\nAAPL,1,1\n"MSFT,1,1\n').complete).toBe(false);
  });

  it('counts the last of two rows of one place, and names both lines', () => {
    const set = setOf('symbol,limit,qty,strategy\nAAPL,1,1,\nAAPL,1,1,other\naapl,2,1,\n');
    expect(set.asked.map(({ line, plan }) => [line, plan.strategy])).toEqual([
      [4, 'morning'],
      [3, 'other'],
    ]);
    expect(set.warnings).toEqual(['lines 2 and 4 both forecast AAPL buy of morning: line 4 counts']);
    expect(set.strategies).toEqual(['morning', 'other']);
  });

  it('leaves a place as it is when its last row is refused, not when that was corrected further down', () => {
    expect(setOf('symbol,limit,qty\nAAPL,1,1\nAAPL,x,1\n')).toMatchObject({
      asked: [],
      held: new Set(['morning AAPL buy']),
    });
    expect(setOf('symbol,limit,qty\nAAPL,x,1\nAAPL,1,1\n')).toMatchObject({
      asked: [{ line: 3 }],
      held: new Set(),
    });
  });
});
