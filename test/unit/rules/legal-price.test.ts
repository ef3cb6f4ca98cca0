/** Prices at the steps of an asset (src/rules/legal-price.ts). */
import { describe, expect, it } from 'vitest';
import { toNanos } from '../../../src/domain/decimal.ts';
import {
  legalPrice,
  marketableLimit,
  type PriceSteps,
  usualPriceSteps,
} from '../../../src/rules/legal-price.ts';

const NICKELS: PriceSteps = [
  { from: '0', step: '0.01' },
  { from: '10', step: '0.05' },
];

describe('A price at the usual steps', () => {
  it.each([
    ['AAPL', '200.129', 'down', '200.12'],
    ['AAPL', '200.121', 'up', '200.13'],
    ['AAPL', '0.12345', 'down', '0.1234'],
    ['DOGEUSD', '0.123456789', 'down', '0.123456789'],
  ] as const)('of %s at %s, rounded %s, is %s', (symbol, price, rounding, legal) => {
    expect(legalPrice(usualPriceSteps(symbol), toNanos(price), rounding)).toBe(legal);
  });
});

describe("A price at an asset's own steps", () => {
  it.each([
    ['9.999', 'down', '9.99'],
    ['10', 'down', '10'],
    ['10.04', 'down', '10'],
    ['10.01', 'up', '10.05'],
    ['9.991', 'up', '10'],
    ['0.001', 'down', '0.01'],
  ] as const)('%s, rounded %s, is %s', (price, rounding, legal) => {
    expect(legalPrice(NICKELS, toNanos(price), rounding)).toBe(legal);
  });
});

describe('A marketable limit', () => {
  it('lies 1 % through the price, on the far side of a step', () => {
    expect(marketableLimit(usualPriceSteps('AAPL'), 'sell', '100.3')).toBe('99.29');
    expect(marketableLimit(usualPriceSteps('AAPL'), 'buy', '100.3')).toBe('101.31');
    expect(marketableLimit(usualPriceSteps('BTCUSD'), 'sell', '60000.5')).toBe('59400.495');
    expect(marketableLimit(NICKELS, 'sell', '100.3')).toBe('99.25');
  });
});
