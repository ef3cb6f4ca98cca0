/** Bodies of POST /v2/orders, and the limit and quantity that a market order or an amount becomes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlpacaError } from '../../../src/alpaca-server/errors.ts';
import { readNewOrder } from '../../../src/gateway/orders/new-order.ts';
import { collaredLimit, quantityFor } from '../../../src/gateway/orders/sizing.ts';
import { US_STOCK_STEPS } from '../../../src/rules/legal-price.ts';

const LIMIT = {
  symbol: 'AAPL',
  qty: '1',
  side: 'buy',
  type: 'limit',
  time_in_force: 'day',
  limit_price: '100',
};

describe('A body', () => {
  it('is read with numbers or text, in any spelling of its symbol', () => {
    expect(readNewOrder({ ...LIMIT, symbol: 'btc/usd', qty: 0.5, limit_price: '100.50' })).toEqual({
      ...{ symbol: 'BTCUSD', side: 'buy', type: 'limit', limit: '100.5', qty: '0.5', timeInForce: 'day' },
      ...{ notional: undefined, clientId: undefined, extendedHours: undefined },
    });
  });

  it('may have exponents, as a float of Python has when it becomes text', () => {
    const tiny = { ...LIMIT, symbol: 'BTC/USD', qty: '1e-05', limit_price: '6.5E+4' };
    expect(readNewOrder(tiny)).toMatchObject({ qty: '0.00001', limit: '65000' });
    for (const qty of ['1e-10', '1e999', '1e', 'e5', '-1e-5'])
      expect(() => readNewOrder({ ...LIMIT, qty })).toThrow(/^qty: must be/);
  });

  it('of a trailing stop has one kind of trail', () => {
    const trailing = { ...LIMIT, limit_price: null, type: 'trailing_stop' };
    expect(readNewOrder({ ...trailing, trail_percent: '2' })).toMatchObject({ trail: { percent: '2' } });
    expect(() => readNewOrder({ ...trailing, trail_percent: '2', trail_price: '1' })).toThrow(/only one/);
  });

  it('that is anything else is refused with 422, and nothing else is thrown', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom('limit', 'buy', 'day', '1', ''));
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(Object.fromEntries(Object.keys(LIMIT).map((name) => [name, field]))),
      fc.record({ qty: field, legs: field, stop_price: field }).map((more) => ({ ...LIMIT, ...more })),
    );
    fc.assert(
      fc.property(body, (text) => {
        try {
          readNewOrder(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AlpacaError);
          expect((error as AlpacaError).status).toBe(422);
        }
      }),
    );
  });
});

describe('The limit of a market order', () => {
  it.each([
    ['buy', '110', '110.55'],
    ['buy', '110.01', '110.56'],
    ['sell', '110', '109.45'],
    ['sell', '110.01', '109.46'],
    ['buy', '0.5', '0.5025'],
  ] as const)('to %s at %s is %s', (side, quote, limit) => {
    expect(collaredLimit(US_STOCK_STEPS, side, quote, '0.005')).toBe(limit);
  });
});

describe('An amount of money', () => {
  it.each([
    ['1000', '110.55', null, '9.045680687'],
    ['1000', '110.55', '1', '9'],
    ['1000', '110.55', '0.01', '9.04'],
  ])('%s USD at %s, with the step %s, buy %s', (notional, limit, step, qty) => {
    expect(quantityFor(notional, limit, step)).toBe(qty);
  });

  it('that buys nothing is refused', () => {
    expect(() => quantityFor('100', '110', '1')).toThrow(/buys less than 1/);
  });
});
