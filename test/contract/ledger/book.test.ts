/** lua/tick.lua, remember, sweep, snapshot, audit: prices, steal history, and reading the book. */
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { snapshot } from '../../../src/ledger/commands/snapshot.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runScript } from '../../support/inspection.ts';
import { anOrder, expectNoEffect, failure, NOW_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

describe('tick', () => {
  it('moves an order across its protection and back, at the nano', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').at('10'), anOrder('s').of('SSS').at('10').selling());
    const crossed = async (price: string): Promise<number> => {
      const answer = await tick(
        account.ledger,
        ['AAA', 'SSS'].map((symbol) => ({ symbol, price, ageMs: 0 })),
      );
      await account.expectSound();
      return 'crossed' in answer ? answer.crossed : -1;
    };
    expect(await crossed('10.04')).toBe(0);
    expect(await crossed('10.040000001')).toBe(1);
    expect(await crossed('11')).toBe(0);
    expect(await crossed('9.96')).toBe(1);
    expect(await crossed('9.959999999')).toBe(1);
    expect(await crossed('12')).toBe(2);
    expect(await crossed('0')).toBe(1);
    expect(await crossed('9')).toBe(1);
  });

  it('changes nothing the second time but the time of the quote (I6)', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a'));
    const again = () => tick(account.ledger, [{ symbol: 'AAA', price: '11', ageMs: 5 }]);
    expect(await again()).toEqual({ symbols: 1, crossed: 1, doubted: 0 });
    expect(await expectNoEffect(account, again)).toEqual(
      Array(2).fill({ symbols: 1, crossed: 0, doubted: 0 }),
    );
  });

  it('takes the last of a symbol named twice, and an old quote as old', async () => {
    const account = await ledgers.account({ equity: '50' });
    await tick(account.ledger, [
      { symbol: 'AAA', price: '20', ageMs: 0 },
      { symbol: 'AAA', price: '10', ageMs: 15_001 },
    ]);
    expect(await account.admit(anOrder('a'))).toMatchObject({
      outcome: 'no_price',
      numbers: { quote_age_ms: '15001' },
    });
    expect(await account.field('quotes', 'AAA')).toBe(`10 10000000000 ${NOW_MS - 15_001}`);
    await tick(account.ledger, [{ symbol: 'AAA', price: '10', ageMs: 15_000 }]);
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'blocked' });
  });

  it('keeps a withdrawn symbol withdrawn when only an old quote comes', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.prices({ AAA: '11' });
    await account.place(anOrder('a'));
    await account.advanceHealth(15_001);
    await account.prices({ TTT: '10' });
    const steal = () => account.steal(anOrder('t').of('TTT').pnl('10'));
    expect(await steal()).toMatchObject({ outcome: 'no_candidates' });
    await tick(account.ledger, [{ symbol: 'AAA', price: '12', ageMs: 15_001 }]);
    await account.expectSound();
    expect(await steal()).toMatchObject({ outcome: 'no_candidates' });
    await tick(account.ledger, [{ symbol: 'AAA', price: '12', ageMs: 14_000 }]);
    expect(await steal()).toMatchObject({ outcome: 'stolen' });
    await account.expectSound();
  });

  it('takes at most a thousand prices, and refuses an unknown account', async () => {
    const account = await ledgers.account();
    const quotes = Array.from({ length: 1_001 }, (_, i) => ({ symbol: `S${i}`, price: '1', ageMs: 0 }));
    expect(await tick(account.ledger, quotes.slice(0, 1_000))).toMatchObject({ symbols: 1_000 });
    expect((await failure(tick(account.ledger, quotes))).code).toBe('invalid');
    expect((await failure(tick(account.ledger, []))).code).toBe('invalid');
    expect(await tick(await ledgers.bare(), quotes.slice(0, 1))).toEqual({ unknown: true });
  });
});

describe('remember', () => {
  it('restores history, cooldown and thieves, however often it is sent (I6)', async () => {
    const account = await ledgers.account();
    const past = { id: 'r1', thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS - 299_999 };
    expect(await remember(account.ledger, past)).toBe('remembered');
    expect(await expectNoEffect(account, () => remember(account.ledger, past))).toEqual([
      'remembered',
      'remembered',
    ]);
    const keys = await account.keyspace();
    expect(keys['cooldowns']).toEqual(['AAA', `${NOW_MS + 1}`]);
    expect(keys['robbers:AAA']).toEqual(['TTT', `${NOW_MS - 299_999}`]);
  });

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[0, 2, 1]], [[2, 0, 1]]])(
    'finds the fight in a past that is told in the order %j',
    async (order) => {
      const account = await ledgers.account();
      for (const i of order) {
        await remember(account.ledger, {
          id: `r${i}`,
          thiefSymbol: 'TTT',
          victimSymbol: 'AAA',
          atMs: NOW_MS - 900_000 + i * 400_000,
        });
      }
      const until = `${NOW_MS - 100_000 + 1_800_000}`;
      expect((await account.keyspace())['fighting']).toEqual(['AAA', until, 'TTT', until]);
    },
  );

  it('refuses times in the future, and a symbol that is its own victim', async () => {
    const account = await ledgers.account();
    const before = await account.keyspace();
    const past = { id: 'r1', thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS + 1 };
    expect((await failure(remember(account.ledger, past))).details).toMatchObject({ field: 'at_ms' });
    expect((await failure(remember(account.ledger, { ...past, atMs: 1, victimSymbol: 'TTT' }))).code).toBe(
      'invalid',
    );
    expect(await account.keyspace()).toEqual(before);
    expect(await remember(await ledgers.bare(), past)).toBe('unknown');
  });

  it('ends hundreds of cooldowns at once over several calls, none forgotten', async () => {
    const account = await ledgers.account({ equity: '300' });
    const symbols = Array.from({ length: 300 }, (_, i) => `S${i}`);
    await account.place(...symbols.map((symbol) => anOrder(symbol).of(symbol).worth(1)));
    await Promise.all(
      symbols.map((symbol) =>
        remember(account.ledger, { id: symbol, thiefSymbol: 'ZZZ', victimSymbol: symbol, atMs: NOW_MS }),
      ),
    );
    await account.prices(Object.fromEntries(symbols.map((symbol) => [symbol, '11'])));
    expect((await account.keyspace())['victims:total']).toBeUndefined();
    await account.advanceLedger(300_000);
    await sweep(account.ledger, 1);
    await sweep(account.ledger, 1);
    const keys = await account.keyspace();
    expect(keys['cooldowns']).toBeUndefined();
    expect(keys['victims:total']).toHaveLength(600);
    expect(await account.field('account', 'cooldown_due_ms')).toBe('0');
    await account.expectSound();
  });
});

describe('sweep', () => {
  it('forgets history, ended orders and steals past their age, in bounded steps', async () => {
    const account = await ledgers.account({ equity: '300' });
    for (const i of [1, 2, 3]) {
      await account.admit(anOrder(`a${i}`));
      await release(account.ledger, `a${i}`, 'test');
    }
    await remember(account.ledger, { id: 'r1', thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS });
    await account.advance(3_600_000);
    expect(await sweep(account.ledger, 2)).toMatchObject({ steals: 0, orders: 0, more: false });
    await account.advance(1);
    expect(await sweep(account.ledger, 2)).toMatchObject({ steals: 1, orders: 2, more: true });
    expect(await sweep(account.ledger, 2)).toMatchObject({ steals: 0, orders: 1, more: false });
    expect(await expectNoEffect(account, () => sweep(account.ledger, 2))).toMatchObject(
      Array(2).fill({ orders: 0, more: false }),
    );
    const left = Object.keys(await account.keyspace()).sort();
    expect(left).toEqual(['account', 'events', 'settings']);
    expect(await sweep(await ledgers.bare(), 2)).toMatchObject({ steals: 0, more: false });
  });
});

describe('snapshot', () => {
  it('reports everything that counts, page by page', async () => {
    const account = await ledgers.account({
      equity: '3000',
      positions: [{ symbol: 'PPP', side: 'short', qty: '2', costMicros: 9, pool: '' }],
    });
    await Promise.all(Array.from({ length: 1_200 }, (_, i) => account.admit(anOrder(`a${i}`).worth(1))));
    const all = await snapshot(account.ledger);
    expect(all?.orders).toHaveLength(1_200);
    expect(all?.orders.reduce((sum, order) => sum + order.heldMicros, 0)).toBe(1_200_000_000);
    expect(all?.positions).toEqual([{ symbol: 'PPP', side: 'short', qty: '2', costMicros: 9, pool: '' }]);
    expect(all).toMatchObject({
      nowMs: NOW_MS,
      healthMs: NOW_MS,
      account: { state: 'running' },
      settings: { policy: 'pnl' },
    });
    expect(await snapshot(await ledgers.bare())).toBeUndefined();
  });

  it('holds what lived throughout, while others come and go between its pages', async () => {
    const account = await ledgers.account({ equity: '3000' });
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => account.admit(anOrder(`a${i}`).worth(1))));
    let page = 0;
    const busy = {
      ...account.ledger,
      run: async (script: string, args: readonly (string | number)[]): Promise<unknown> => {
        const answer = await account.ledger.run(script, args);
        page += 1;
        if (page < 4) {
          await Promise.all(
            Array.from({ length: 300 }, (_, i) => release(account.ledger, `a${page * 300 + i}`, 'test')),
          );
          await account.admit(anOrder(`new${page}`).worth(1));
        }
        return answer;
      },
    };
    const all = await snapshot(busy);
    expect(page).toBeGreaterThan(1);
    const seen = new Set(all?.orders.map(({ id }) => id));
    for (let i = 0; i < 300; i += 1) expect(seen).toContain(`a${i}`);
  });
});

describe('audit', () => {
  it('finds a total off by a micro, an order missing in its index, a victim not on record', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    await account.place(anOrder('a').worth(500), anOrder('b').of('BBB').worth(500));
    await account.steal(anOrder('t').of('TTT').worth(500).pnl('10'));
    await account.expectSound();
    const { redis: connection } = account.ledger;
    await connection.hincrby(key(account.name, 'account'), 'orders_micros:total', 1);
    await connection.del(key(account.name, 'far:total:BBB'), key(account.name, 'outbox'));
    const { faults, faultCount } = (await audit(account.ledger)) ?? { faults: [], faultCount: 0 };
    expect(faultCount).toBeGreaterThanOrEqual(4);
    expect(faults.join('; ')).toMatch(/orders_micros is 1000000001, the orders add up to 1000000000/);
    expect(faults.join('; ')).toMatch(/b is missing in far/);
    expect(faults.join('; ')).toMatch(/a is being cancelled and not on record/);
    expect(await audit(await ledgers.bare())).toBeUndefined();
  });

  it('finds an order that counts wrong in its pool, or in cash, though the sums add up', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
    await account.place(anOrder('a').of('BTCUSD').in('crypto').worth(100));
    const { redis: connection } = account.ledger;
    for (const [field, sum, fault] of [
      ['held_pool_micros', 'orders_micros:crypto', 'a counts wrong in crypto'],
      ['held_cash_micros', 'orders_micros:cash', 'a counts wrong in cash'],
    ] as const) {
      await connection.hincrby(key(account.name, 'order:a'), field, 1);
      await connection.hincrby(key(account.name, 'account'), sum, 1);
      expect((await audit(account.ledger))?.faults).toEqual([fault]);
      if (field === 'held_pool_micros')
        expect(JSON.parse(await runScript(account, 'audit', ['json']))).toMatchObject({ faults: [fault] });
      await connection.hincrby(key(account.name, 'order:a'), field, -1);
      await connection.hincrby(key(account.name, 'account'), sum, -1);
    }
  });

  it('takes it for no fault that a cooldown has just ended and no command came since', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(500), anOrder('b').worth(500));
    await account.steal(anOrder('t').of('TTT').worth(500).pnl('10'));
    // As time passes; a command that sets the clock would handle it itself.
    await account.ledger.redis.hset(key(account.name, 'account'), 'clock_base_ms', account.nowMs() + 300_000);
    await account.expectSound();
    await account.advanceLedger(300_000);
    await account.ledger.redis.hdel(key(account.name, 'heads:total'), 'AAA');
    expect((await audit(account.ledger))?.faults.join()).toMatch(/AAA: its head in total is nil/);
  });

  it('reads only', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('a'), 1);
    expect(await expectNoEffect(account, () => audit(account.ledger))).toMatchObject(
      Array(2).fill({ faultCount: 0, orders: 1 }),
    );
  });
});
