/** Many prices in one call: which symbols enter the victims with them (lua/include/refreshing.lua). */
import { describe, expect, it } from 'vitest';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD'];

/** One protected order of each symbol. */
async function withOrders(): Promise<TestAccount> {
  const account = await ledgers.account();
  await account.place(...SYMBOLS.map((symbol) => anOrder(`of-${symbol}`).of(symbol).at('10').qty('1')));
  await account.prices(Object.fromEntries(SYMBOLS.map((symbol) => [symbol, '10'])));
  return account;
}

/** Prices of all symbols in one call; each order is far from its limit then. */
async function allFar({ ledger }: TestAccount): Promise<void> {
  await ledger.run('tick', [SYMBOLS.map((symbol) => `${symbol} 12 0;`).join('')]);
}

async function victims({ ledger }: TestAccount): Promise<string[]> {
  const members = await ledger.redis.zrange(key(ledger.account, 'victims:total'), 0, '-1');
  return members.map((member) => member.replace(/^.*of-/, '')).sort();
}

const robbed = async ({ ledger }: TestAccount, symbol: string, agoMs = 1): Promise<unknown> =>
  await remember(ledger, {
    id: `steal-${symbol}`,
    thiefSymbol: 'TTT',
    victimSymbol: symbol,
    atMs: NOW_MS - agoMs,
  });

describe('prices of many symbols in one call', () => {
  it('make all of their orders victims, and none of them again near the limits', async () => {
    const account = await withOrders();
    await allFar(account);
    expect(await victims(account)).toEqual(SYMBOLS);
    await account.expectSound();
    await account.ledger.run('tick', [SYMBOLS.map((symbol) => `${symbol} 10 0;`).join('')]);
    expect(await victims(account)).toEqual([]);
    await account.expectSound();
  });

  it('make those no victims that cool down, where few do', async () => {
    const account = await withOrders();
    await robbed(account, 'BBB');
    await allFar(account);
    expect(await victims(account)).toEqual(['AAA', 'CCC', 'DDD']);
    await account.expectSound();
  });

  it('make those no victims that cool down, where many symbols do', async () => {
    const account = await withOrders();
    await robbed(account, 'BBB');
    for (let nth = 0; nth < SYMBOLS.length; nth += 1) await robbed(account, `X${nth}`);
    await allFar(account);
    expect(await victims(account)).toEqual(['AAA', 'CCC', 'DDD']);
    await account.expectSound();
  });

  it('make only those victims whose price is fresh', async () => {
    const account = await withOrders();
    await allFar(account);
    await account.advance(3_600_000);
    // A thief meets the old prices, and the symbols leave the victims until their next price.
    await account.sync('1000');
    await account.prices({ TTT: '10' });
    expect((await account.steal(anOrder('thief').of('TTT').at('10').qty('99').pnl('500'))).outcome).not.toBe(
      'stolen',
    );
    expect(await victims(account)).toEqual([]);
    // The old prices of BBB take it near its limit and away again.
    for (const price of ['12.1', '10', '12'])
      await account.ledger.run('tick', [`AAA 12.1 0;BBB ${price} 9000000;`]);
    expect(await victims(account)).toEqual(['AAA']);
    await account.expectSound();
  });

  it('take the last of a symbol that is named twice', async () => {
    const account = await withOrders();
    const reply = (await account.ledger.run('tick', ['AAA 12 0;BBB 12 0;AAA 10.01 0;'])) as string[];
    expect(reply).toEqual(['ticked', 'symbols', '2', 'crossed', '1', 'doubted', '0']);
    expect(await victims(account)).toEqual(['BBB']);
    await account.expectSound();
  });

  const NO_SYMBOLS = ['aaa', 'AA-A', ';AAA', '.AAA', 'A\tA', 'A'.repeat(33)].map((name) => `${name} 12 0;`);
  it.each([
    ['without an end', 'A'.repeat(64_000)],
    ['whose price is too long', `AAA ${'1'.repeat(64_000)} 0;`],
    ['of more than 1000 prices', 'AAA 12 0;'.repeat(1_001)],
  ])('are refused at once in a long argument %s', async (_, line) => {
    const account = await withOrders();
    const reply = (await account.ledger.run('tick', [line])) as string[];
    expect(reply.slice(0, 3)).toEqual(['invalid', 'command', 'tick']);
  });

  it.each(['AAA 12. 0;', 'AAA 12 0', 'AAA 12 0;BBB', 'AAA .5 0;', 'AAA 12 -1;', 'AAA 1e3 0;', ...NO_SYMBOLS])(
    'are refused where one is no price: %s',
    async (line) => {
      const account = await withOrders();
      const before = await account.keyspace();
      await expect(account.ledger.run('tick', [line])).resolves.toMatchObject({ 0: 'invalid' });
      expect(await account.keyspace()).toEqual(before);
    },
  );

  it('keep a symbol that ends with a point', async () => {
    const account = await withOrders();
    await account.ledger.run('tick', ['A. 12 0;AAA 10.5 0;']);
    expect(await account.field('quotes', 'A.')).toMatch(/^12 12000000000 /);
    expect(await account.field('quotes', 'AAA')).toMatch(/^10\.5 10500000000 /);
  });
});
