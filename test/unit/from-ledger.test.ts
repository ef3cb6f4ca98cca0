/** The ledger's fields, as JSON has them. */
import { expect, it } from 'vitest';
import { fromLedger } from '../../src/json/from-ledger.ts';

it('what an order was worth and its age are two numbers, each with its name', () => {
  expect(fromLedger({ unbeaten_worth: '155.561700091 488940', worst_worth: '-2 0' })).toEqual({
    unbeatenWorth: '155.561700091',
    unbeatenAgeMs: 488_940,
    worstWorth: '-2',
    worstAgeMs: 0,
  });
});

it('other facts stay one each', () => {
  expect(fromLedger({ until_ms: '1736953200000', price: '10 5', pool: '' })).toEqual({
    untilMs: 1_736_953_200_000,
    price: '10 5',
  });
});
