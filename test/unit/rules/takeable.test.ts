/** src/rules/takeable.ts: what a broker would refuse, known before it is sent. */
import { describe, expect, it } from 'vitest';
import { type Asset, type Entry, whyUntakeable } from '../../../src/rules/takeable.ts';

const ANY: Asset = {
  symbol: 'A',
  shut: '',
  shortable: true,
  priceSteps: [],
  qtyStep: null,
  shortQtyStep: null,
  minQty: null,
  minCost: null,
};
const STOCK: Partial<Asset> = {
  priceSteps: [
    { from: '0', step: '0.0001' },
    { from: '1', step: '0.01' },
  ],
  shortQtyStep: '1',
};

describe('the broker would', () => {
  const cases: [string, Partial<Entry>, Partial<Asset>, ReturnType<typeof whyUntakeable>][] = [
    ['take what nothing is known against', {}, {}, undefined],
    [
      'take no order of a symbol that is shut',
      {},
      { shut: 'it is inactive' },
      { why: 'not_tradable', words: 'A is not tradable: it is inactive' },
    ],
    [
      'not sell short what may not be',
      { side: 'sell' },
      { shortable: false },
      { why: 'short', words: 'A may not be sold short' },
    ],
    ['let what may not be sold short be bought', {}, { shortable: false }, undefined],
    ['take cents from a dollar on', { limit: '10.01' }, STOCK, undefined],
    [
      'take no part of a cent from a dollar on',
      { limit: '1.005' },
      STOCK,
      { why: 'price_step', words: 'limit 1.005 is not a multiple of 0.01' },
    ],
    ['take hundredths of a cent below a dollar', { limit: '0.9999' }, STOCK, undefined],
    [
      'take no thousandths of a cent',
      { limit: '0.99995' },
      STOCK,
      { why: 'price_step', words: 'limit 0.99995 is not a multiple of 0.0001' },
    ],
    [
      'take no half share of what is traded whole',
      { qty: '1.5' },
      { qtyStep: '1' },
      { why: 'quantity_step', words: 'quantity 1.5 is not a multiple of 1' },
    ],
    [
      'sell no half share short',
      { side: 'sell', qty: '1.5' },
      STOCK,
      { why: 'quantity_step', words: 'quantity 1.5 is not a multiple of 1' },
    ],
    ['take a half share to buy', { qty: '1.5' }, STOCK, undefined],
    [
      'not take less than the least quantity',
      { qty: '0.0009' },
      { minQty: '0.001' },
      { why: 'minimum', words: 'quantity 0.0009 is below the minimum of 0.001' },
    ],
    ['take the least quantity', { qty: '0.001' }, { minQty: '0.001' }, undefined],
    [
      'not take a buy below the least cost',
      { limit: '9.99', qty: '1' },
      { minCost: '10' },
      { why: 'minimum', words: '1 at 9.99 costs less than the minimum of $10' },
    ],
    ['take a buy at the least cost', { limit: '10', qty: '1' }, { minCost: '10' }, undefined],
    ['take a smaller sale', { side: 'sell', limit: '1', qty: '1' }, { minCost: '10' }, undefined],
  ];
  it.each(cases)('%s', (_, entry, asset, why) => {
    expect(
      whyUntakeable(
        { symbol: 'A', side: 'buy', limit: '100', qty: '1', ...entry },
        { ...ANY, ...asset },
        true,
      ),
    ).toEqual(why);
  });

  it('take no short sale of an account that may not sell short', () => {
    const sale = { symbol: 'A', side: 'sell', limit: '100', qty: '1' } as const;
    expect(whyUntakeable(sale, ANY, false)).toEqual({
      why: 'short',
      words: 'the account may not sell short',
    });
    expect(whyUntakeable({ ...sale, side: 'buy' }, ANY, false)).toBeUndefined();
  });
});
