/** Prices between which no order's protection begins or ends (lua/include/bands.lua). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const band = (account: TestAccount): Promise<string | null> => account.field('bands', 'AAA');

/** The orders that this price of AAA moves. */
async function crossedBy(account: TestAccount, price: string): Promise<string> {
  const reply = (await account.ledger.run('tick', [`AAA ${price} 0;`])) as string[];
  return reply[reply.indexOf('crossed') + 1] ?? '';
}

describe('a price within the band', () => {
  it('looks at no order, and one at its ends neither', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('low').at('10').qty('1'), anOrder('high').at('12').qty('1'));
    await account.prices({ AAA: '11' });
    await account.prices({ AAA: '11.5' });
    // The protection of a buy ends 0.4 % above its limit, at 10.04 and 12.048.
    expect(await band(account)).toBe('10040000001 12048000000');
    await account.ledger.redis.config('RESETSTAT');
    for (const price of ['12.048', '10.040000001', '11'])
      expect(await crossedBy(account, price), price).toBe('0');
    expect(await account.ledger.redis.info('commandstats')).not.toContain('cmdstat_zrangebyscore');
    expect(await crossedBy(account, '10.04')).toBe('1');
    expect(await crossedBy(account, '12.048000001')).toBe('2');
  });

  it('crosses the edge of an order that opened since', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '10.5' });
    await account.prices({ AAA: '11' });
    await account.place(anOrder('new').at('10').qty('1'));
    expect(await band(account)).toBe(null);
    expect(await crossedBy(account, '10.03')).toBe('1');
  });
});

it.each([
  ['buys', false],
  ['sells', true],
])(
  'whatever prices come, exactly those %s may be taken that are beyond their protection',
  async (_, sells) => {
    const steps = fc.array(
      fc.record({
        price: fc.integer({ min: 990, max: 1_020 }),
        limit: fc.option(fc.integer({ min: 990, max: 1_015 })),
      }),
      { minLength: 5, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const account = await ledgers.account();
        for (const [nth, { price, limit }] of list.entries()) {
          await account.prices({ AAA: `${price / 100}` });
          if (limit === null) continue;
          const order = anOrder(`o${nth}`)
            .at(`${limit / 100}`)
            .qty('1');
          await account.place(sells ? order.selling() : order);
          await account.expectSound();
        }
        await account.expectSound();
      }),
      { numRuns: 8 },
    );
  },
);
