/** Gates as integers, against exact fractions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { furthestPrice, isWithin } from '../../../src/kernel/distance.ts';
import { shareOf } from '../../../src/kernel/exact.ts';

const limits = fc.integer({ min: 1, max: 2 ** 52 });
const shares = fc.integer({ min: 0, max: 1_000_000_000 });

describe('a gate in nanos', () => {
  it('is the share of the limit, rounded down, whatever the limit', () => {
    fc.assert(
      fc.property(limits, shares, (limit, share) => {
        expect(shareOf(limit, share)).toBe(Number((BigInt(limit) * BigInt(share)) / 10n ** 9n));
      }),
      { seed: 17 },
    );
  });

  it('has equality within, on both sides of a book', () => {
    const limit = 100_000_000_000;
    expect(furthestPrice('buy', limit, 3_000_000)).toBe(100_300_000_000);
    expect(furthestPrice('sell', limit, 3_000_000)).toBe(99_700_000_000);
    expect(isWithin('buy', 100_300_000_000, 100_300_000_000)).toBe(true);
    expect(isWithin('buy', 100_300_000_001, 100_300_000_000)).toBe(false);
    expect(isWithin('sell', 99_700_000_000, 99_700_000_000)).toBe(true);
    expect(isWithin('sell', 99_699_999_999, 99_700_000_000)).toBe(false);
  });
});
