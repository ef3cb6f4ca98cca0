import { describe, expect, it } from 'vitest';
import { assertTraded, whyNotTraded } from '../../src/domain/traded.ts';

describe('A plan', () => {
  it.each([
    'AAPL',
    'aapl',
    'F',
    'BRK.B',
    'BAC.PR.L',
    'BTC/USD',
    'btcusd',
    'ETHUSDC',
    'ETH/USDT',
    '1INCHUSD',
    'SPY',
    'USD',
    'ABTC',
  ])('may trade %s', (symbol) => expect(whyNotTraded(symbol)).toBeUndefined());

  it.each([
    ['AAPL240119C00100000', 'is an option, whose contract is 100 shares'],
    ['spxw270115p04000000', 'is an option, whose contract is 100 shares'],
    ['GOOGL1270115C00100000', 'is an option, whose contract is 100 shares'],
    ['ETH/BTC', 'is quoted in BTC, not in dollars'],
    ['ETHBTC', 'is quoted in BTC, not in dollars'],
    ['BTC/EUR', 'is quoted in EUR, not in dollars'],
    ['ESZ6', 'looks like a future'],
    ['MESZ25', 'looks like a future'],
    ['/ES', 'is neither a stock nor a pair quoted in dollars'],
    ['BTCUSDPERP', 'is neither a stock nor a pair quoted in dollars'],
    ['AAPL20270115', 'is neither a stock nor a pair quoted in dollars'],
  ])('may not trade %s: it %s', (symbol, why) => expect(whyNotTraded(symbol)).toBe(why));

  it('of another unit is refused by the name of its field', () => {
    expect(() => assertTraded('ETHBTC')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message:
          'symbol: "ETHBTC" is quoted in BTC, not in dollars; a plan trades stocks, and pairs quoted ' +
          'in dollars',
        details: { field: 'symbol', value: 'ETHBTC' },
      }),
    );
  });
});
