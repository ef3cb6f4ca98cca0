import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromNanos, toNanos } from '../../../src/domain/decimal.ts';
import { distance, distanceBps, furthestPrice, isWithin } from '../../../src/rules/distance.ts';

describe('distance', () => {
  it.each([
    ['buy', '100.3', '100', '0.003', 30],
    ['sell', '99.7', '100', '0.003', 30],
    ['buy', '99', '100', '0', 0],
    ['sell', '101', '100', '0', 0],
    ['buy', '1.000000001', '1', '0.000000001', 0],
    ['buy', '2', '3', '0', 0],
    ['sell', '2', '3', '0.333333333', 3333],
    ['sell', '1', '3', '0.666666667', 6667],
    ['buy', '300', '100', '2', 20_000],
  ] as const)('of a %s at %s with limit %s is %s', (side, price, limit, share, bps) => {
    expect(distance(side, price, limit)).toBe(share);
    expect(distanceBps(side, price, limit)).toBe(bps);
  });

  it('is judged exactly: 0.3 % of a limit is inside, one nano more is not', () => {
    expect(isWithin('buy', '1003', '1000', '0.003')).toBe(true);
    expect(isWithin('buy', '1003.000000001', '1000', '0.003')).toBe(false);
    expect(isWithin('sell', '997', '1000', '0.003')).toBe(true);
    expect(isWithin('sell', '996.999999999', '1000', '0.003')).toBe(false);
    // 0.11 x 1.003, which a double can't represent exactly
    expect(isWithin('buy', '0.110330', '0.11', '0.003')).toBe(true);
    expect(isWithin('buy', '500', '1000', '0')).toBe(true);
  });

  it('has no meaning without a price', () => {
    expect(() => isWithin('buy', '0', '100', '0.003')).toThrow(/price: "0" is not above 0/);
    expect(() => distance('sell', '100', '-1')).toThrow(/limit: "-1" is not above 0/);
    expect(() => isWithin('buy', '1', '1', '-0.1')).toThrow(/tolerance: "-0.1" is below 0/);
  });
});

describe('the furthest price', () => {
  it('of a limit is exact', () => {
    expect(furthestPrice('buy', '100', '0.003')).toBe('100.3');
    expect(furthestPrice('sell', '100', '0.003')).toBe('99.7');
    expect(furthestPrice('buy', '0.000000007', '0.5')).toBe('0.00000001'); // 10.5 nanos: the tenth is in
    expect(furthestPrice('sell', '0.000000007', '0.5')).toBe('0.000000004');
    expect(furthestPrice('sell', '5', '1')).toBe('0');
  });

  it('says the same as the judgement of any price', () => {
    const nanos = (max: bigint) => fc.bigInt({ min: 1n, max });
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        nanos(10n ** 15n),
        nanos(10n ** 9n),
        fc.bigInt({ min: -3n, max: 3n }),
        (side, limit, tolerance, step) => {
          const furthest = toNanos(furthestPrice(side, fromNanos(limit), fromNanos(tolerance)));
          const price = furthest + step;
          fc.pre(price > 0n);
          const within = side === 'buy' ? price <= furthest : price >= furthest;
          expect(isWithin(side, fromNanos(price), fromNanos(limit), fromNanos(tolerance))).toBe(within);
        },
      ),
      { numRuns: 500 },
    );
  });
});
