import { describe, expect, it } from 'vitest';
import { priceOf } from '../../src/broker/quote-price.ts';

const SPREAD = 0.05;

describe('The price of a quote', () => {
  it.each([
    ['is the middle of bid and ask', 200.18, 200.22, '200.2'],
    ['of which both are the same', 180, 180, '180'],
    ['is rounded to nine decimals, never dropped', 7.1229e-6, 7.12345e-6, '0.000007123'],
    ['just within the spread allowed', 97.5, 102.5, '100'],
    ['as large as the ledger takes', 9007198, 9007198, '9007198'],
  ])('%s', (_, bid, ask, price) => expect(priceOf(bid, ask, SPREAD)).toEqual({ price }));

  it.each<[string, number | null | undefined, number | null | undefined, string]>([
    ['without a bid', 0, 180, 'there is no bid'],
    ['without an ask', 180, 0, 'there is no ask'],
    ['whose ask is left out', 180, undefined, 'there is no ask'],
    ['with neither', 0, null, 'there is no bid and no ask'],
    ['with a bid below nothing', -1, 180, 'there is no bid'],
    ['far apart', 30, 70.1, 'the bid 30 and the ask 70.1 are 80.12 % apart, more than 5 %'],
    ['crossed by a little', 100.02, 100, 'the bid 100.02 is above the ask 100'],
    ['too fine for nine decimals', 1e-10, 1e-10, 'the bid 0.0000000001 is too small for nine decimals'],
    ['too large for the ledger', 9007199, 9007199, 'the bid 9007199 is too large'],
  ])('a quote %s has none, and says why', (_, bid, ask, why) =>
    expect(priceOf(bid, ask, SPREAD)).toEqual({ why }),
  );
});
