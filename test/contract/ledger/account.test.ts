/**
 * lua/configure.lua, sync, adopt, clock, halt, resume: the account, its rules and the broker's reports (I1,
 * I7, I8).
 */
import { describe, expect, it } from 'vitest';
import { adopt, type FoundOrder } from '../../../src/ledger/commands/adopt.ts';
import { setClock } from '../../../src/ledger/commands/clock.ts';
import { readClosures } from '../../../src/ledger/commands/closures.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { mend } from '../../../src/ledger/commands/mend.ts';
import { resume } from '../../../src/ledger/commands/resume.ts';
import { type SyncedPosition, sync } from '../../../src/ledger/commands/sync.ts';
import { readHalts, reasonsInForce } from '../../../src/ledger/halts.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { configureArguments, VIP_ARGUMENT } from '../../support/configure-arguments.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure, NOW_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

const long = (symbol: string, qty: string, dollars: number, pool = ''): SyncedPosition => ({
  symbol,
  side: 'long',
  qty,
  costMicros: dollars * 1_000_000,
  pool,
});

/** The same account on another server, as after a failover. */
function elsewhere(ledger: Ledger): Ledger {
  return { ...ledger, serverId: () => Promise.resolve('another-server') };
}

describe('configure', () => {
  it('creates an account that admits nothing until it was reconciled (I8)', async () => {
    const account = await ledgers.account();
    expect(await account.field('account', 'state')).toBe('running');
    await expect(account.configure({})).resolves.toBeUndefined();
    await account.expectSound();
  });

  it('changes caps, and changes nothing when repeated', async () => {
    const account = await ledgers.account();
    await account.configure({ WORK_STEALING_LEVERAGE: '2', WORK_STEALING_POOLS: 'crypto:0.333333333' });
    expect([await account.room(), await account.room('crypto')]).toEqual([2_000_000_000, 333_333_333]);
    const before = await account.book();
    await account.configure({ WORK_STEALING_LEVERAGE: '2', WORK_STEALING_POOLS: 'crypto:0.333333333' });
    expect(await account.book()).toEqual(before);
  });

  it('drops a pool that nothing uses, and keeps one that is in use until it is empty', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'idle:1,crypto:1' } });
    await account.place(anOrder('a').in('crypto'));
    await account.configure({});
    expect(await account.field('account', 'cap_micros:idle')).toBeNull();
    expect([await account.field('account', 'pools'), await account.field('account', 'pools_left')]).toEqual([
      'total;crypto',
      'crypto',
    ]);
    expect(await account.field('account', 'cap_micros:crypto')).toBe('1000000000');
    expect(await account.admit(anOrder('b').worth(10))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
    await account.end('a', 'cancelled');
    await account.configure({});
    expect([await account.field('account', 'pools'), await account.field('account', 'pools_left')]).toEqual([
      'total',
      '',
    ]);
    await account.expectSound();
  });

  it('recounts what is open when a removed pool comes back', async () => {
    const env = { WORK_STEALING_POOLS: 'crypto:1' };
    const account = await ledgers.account({ env });
    await account.place(anOrder('a').in('crypto'));
    await account.configure({});
    await account.configure(env);
    expect(await account.admit(anOrder('b').in('crypto').worth(10))).toMatchObject({ outcome: 'unsynced' });
    expect(await readClosures(account.ledger)).toMatchObject([{ cause: 'fault' }]);
  });

  it('closes an account that holds something when a pool is new, until it is counted there', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').worth(500));
    await account.configure({ WORK_STEALING_POOLS: 'stock:0.6' });
    expect(await account.admit(anOrder('b').in('stock').worth(500))).toMatchObject({ outcome: 'unsynced' });
    expect(await readClosures(account.ledger)).toMatchObject([
      { cause: 'fault', words: 'pool stock is new, and what is open was not counted in it' },
    ]);
    await mend(account.ledger);
    const order = {
      id: 'a',
      brokerId: 'broker-a',
      symbol: 'AAA',
      side: 'buy',
      limit: '10',
      qty: '50',
      pool: 'stock',
    } as const;
    await adopt(
      account.ledger,
      { ...order, filledQty: '0', filledMicros: 0, reducing: false },
      account.healthMs(),
    );
    await account.sync('1000');
    expect(await account.admit(anOrder('b').in('stock').worth(100.000001))).not.toMatchObject({
      outcome: 'fits',
    });
    expect(await account.admit(anOrder('c').in('stock').worth(100))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
    const empty = await ledgers.account();
    await empty.configure({ WORK_STEALING_POOLS: 'stock:0.6' });
    expect(await empty.admit(anOrder('a').in('stock'))).toMatchObject({ outcome: 'fits' });
  });

  // The index of a damaged book was built by the settings of before: others would make it look wrong.
  it.each([
    ['another protection', { WORK_STEALING_PROTECTION: '0.05' }],
    ['another policy', { WORK_STEALING_POLICY: 'distance' }],
    ['a residency', { WORK_STEALING_MIN_RESIDENCY: '60' }],
    ['a half-life', { WORK_STEALING_PNL_HALF_LIFE: '3600' }],
    ['a VIP', { WORK_STEALING_VIP_SYMBOLS: 'AAA' }],
  ])('keeps a sound book where a new pool damages it, with %s', async (_, env) => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11' });
    await account.place(anOrder('a').worth(500));
    const changed = { ...env, WORK_STEALING_POOLS: 'stock:0.6' };
    const before = await account.keyspace();
    await account.configure(changed);
    expect(await account.field('account', 'damaged')).toBe('1');
    await account.expectSound();
    await mend(account.ledger);
    await account.configure(changed);
    expect((await account.keyspace())['settings']).not.toEqual(before['settings']);
    const fresh = await ledgers.account({ env: changed });
    expect((await account.keyspace())['settings']).toEqual((await fresh.keyspace())['settings']);
  });

  it('refuses a cap beyond 2^53, and changes nothing', async () => {
    const account = await ledgers.account({ equity: '4000000000' });
    const before = await account.keyspace();
    expect(
      (await failure(account.configure({ WORK_STEALING_LEVERAGE: '1', WORK_STEALING_POOLS: 'a:2,b:9' })))
        .code,
    ).toBe('invalid');
    expect(await account.keyspace()).toEqual(before);
  });

  it('rebuilds the index when protection, policy or VIPs change', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
    await account.prices({ AAA: '10.5', BBB: '10.2', TTT: '10' });
    await account.place(
      anOrder('a').worth(500).in('crypto').pnl('1'),
      anOrder('b').of('BBB').worth(500).pnl('2'),
    );
    const changes = [
      { WORK_STEALING_PROTECTION: '0.03' },
      { WORK_STEALING_PROTECTION: '0.06' },
      { WORK_STEALING_POLICY: 'distance' },
      { WORK_STEALING_VIP_SYMBOLS: 'AAA' },
      { WORK_STEALING_VIP_SYMBOLS: 'BBB,CCC', WORK_STEALING_POLICY: 'distance' },
      {},
    ];
    for (const change of changes) {
      await account.configure({ WORK_STEALING_POOLS: 'crypto:1', ...change });
      await account.expectSound();
    }
    await account.configure({ WORK_STEALING_POOLS: 'crypto:1', WORK_STEALING_VIP_SYMBOLS: 'AAA' });
    expect(await account.steal(anOrder('t').of('TTT').worth(500).pnl('10'))).toMatchObject({
      victims: [{ id: 'b' }],
    });
  });

  it('takes thousands of VIPs', async () => {
    const account = await ledgers.account();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    const symbols = Array.from(
      { length: 6_000 },
      (_, i) => `${letters[i % 26]}${letters[Math.floor(i / 26) % 26]}${Math.floor(i / 676)}`,
    );
    const settings = await configureArguments();
    const short = Array.from({ length: 9_999 }, () => 'A').join(';');
    for (const vips of [short, symbols.slice(0, 4_900).join(';')]) {
      const answer = await account.ledger.run('configure', settings.with(VIP_ARGUMENT, vips));
      expect(answer).toEqual(['configured', 'created', '0']);
    }
    expect(await account.ledger.redis.scard(`ws:{${account.name}}:vip`)).toBe(4_900);
  });
});

describe('sync', () => {
  it('sets equity, caps and positions of a book that is rebuilt', async () => {
    const account = await ledgers.account({ equity: '500', positions: [long('AAA', '10.50', 100)] });
    expect([await account.used(), await account.room()]).toEqual([100_000_000, 400_000_000]);
    expect((await account.keyspace())['position:AAA']).toMatchObject({
      side: 'long',
      qty: '10.5',
      cost_micros: '100000000',
    });
    await account.expectSound();
  });

  it('lowers a position only when two reconciliations saw the same difference', async () => {
    const account = await ledgers.account({ positions: [long('AAA', '12', 120)] });
    await account.advance(1_000);
    expect(await account.sync('1000', [long('AAA', '10', 100)])).toMatchObject({
      corrected: [],
      doubted: ['AAA'],
    });
    expect(await account.used()).toBe(120_000_000);
    await account.advance(1_000);
    expect(await account.sync('1000', [long('AAA', '11', 110)])).toMatchObject({
      corrected: [],
      doubted: ['AAA'],
    });
    await account.advance(1_000);
    expect(await account.sync('1000', [long('AAA', '11', 110)])).toMatchObject({
      corrected: ['AAA'],
      doubted: [],
    });
    expect(await account.used()).toBe(110_000_000);
    await account.expectSound();
  });

  it('does not take its own repetition for a second sighting (I6)', async () => {
    const account = await ledgers.account({ positions: [long('AAA', '12', 120)] });
    await account.advance(1_000);
    const told = [long('AAA', '10', 100)];
    expect(await account.sync('1000', told)).toMatchObject({ doubted: ['AAA'] });
    expect(await expectNoEffect(account, () => account.sync('1000', told))).toMatchObject(
      Array(2).fill({ corrected: [], doubted: ['AAA'] }),
    );
    expect(await account.used()).toBe(120_000_000);
  });

  it('leaves alone what changed here after the broker was asked', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a').qty('10'));
    const startedMs = account.healthMs();
    await account.advance(1_000);
    await account.end('a', 'filled', '10');
    for (let i = 0; i < 2; i += 1) {
      expect(await sync(account.ledger, 1_000_000_000, startedMs + i, [])).toMatchObject({
        corrected: [],
        doubted: ['AAA'],
      });
    }
    expect(await account.used()).toBe(100_000_000);
  });

  it('does not take an older reconciliation after a newer one', async () => {
    const account = await ledgers.account();
    await account.advance(1_000);
    await account.sync('900');
    expect(await sync(account.ledger, 1, account.healthMs() - 1, [])).toEqual({ outcome: 'exists' });
    expect(await account.room()).toBe(900_000_000);
  });

  it('does not open a wiped and recreated book with facts about the previous one', async () => {
    const account = await ledgers.account();
    const created = String(await account.field('account', 'created'));
    expect(created).toMatch(/^\d+\.\d+$/);
    expect(await sync(account.ledger, 1, account.healthMs() + 1, [], `${created}0`)).toEqual({
      outcome: 'exists',
    });
    expect(await sync(account.ledger, 1, account.healthMs() + 1, [], created)).toMatchObject({
      outcome: 'synced',
    });
  });

  it('rebuilds on another server, at once, and admits there again (I8)', async () => {
    const account = await ledgers.account({ positions: [long('AAA', '10', 100), long('BBB', '1', 7)] });
    const there = elsewhere(account.ledger);
    expect(await sync(there, 2_000_000_000, account.healthMs(), [long('AAA', '9', 90)])).toMatchObject({
      outcome: 'synced',
      rebuilt: true,
      generation: 2,
      corrected: ['AAA', 'BBB'],
    });
    expect(await account.used()).toBe(90_000_000);
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'unsynced' });
    await account.expectSound();
  });

  it('refuses positions or an equity that cannot be counted, and changes nothing', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_LEVERAGE: '2' } });
    const before = await account.keyspace();
    const much = { ...long('AAA', '1', 0), costMicros: 9_000_000_000_000_000 };
    expect((await failure(account.sync('4503599628'))).details).toMatchObject({ field: 'equity_micros' });
    expect((await failure(account.sync('1', [much, { ...much, symbol: 'BBB' }]))).details).toMatchObject({
      field: 'cost_micros',
    });
    expect((await failure(account.sync('1', [long('AAA', '1', 1, 'bonds')]))).details).toMatchObject({
      field: 'pool',
      value: 'bonds',
    });
    expect(await account.keyspace()).toEqual(before);
    expect(await sync(await ledgers.bare(), 1, 1, [])).toEqual({ outcome: 'unknown' });
  });
});

describe('adopt', () => {
  const found: FoundOrder = {
    id: 'hand-1',
    brokerId: 'b9',
    symbol: 'AAA',
    side: 'buy',
    limit: '10.00',
    qty: '10',
    filledQty: '4',
    filledMicros: 40_000_000,
    pool: '',
    reducing: false,
  };

  it('counts the unfilled part of a foreign order, and protects it', async () => {
    const account = await ledgers.account({ equity: '100' });
    await account.prices({ AAA: '11', TTT: '10' });
    expect(await adopt(account.ledger, found, account.healthMs())).toBe('adopted');
    expect(await account.used()).toBe(60_000_000);
    expect(await expectNoEffect(account, () => adopt(account.ledger, found, account.healthMs()))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await account.steal(anOrder('t').of('TTT').worth(100).pnl('10'))).toMatchObject({
      outcome: 'no_candidates',
    });
    await account.expectSound();
    expect(await fill(account.ledger, 'hand-1', '5', 50_000_000)).toBe('filled_so_far');
    expect(await account.end('hand-1', 'cancelled', '5')).toMatchObject({
      outcome: 'settled',
      freedMicros: 50_000_000,
    });
    expect(await account.used()).toBe(10_000_000);
    await account.expectSound();
  });

  it('counts nothing for an order that reduces a position', async () => {
    const account = await ledgers.account({ positions: [long('AAA', '10', 100)] });
    const exit: FoundOrder = { ...found, side: 'sell', reducing: true, filledQty: '0', filledMicros: 0 };
    expect(await adopt(account.ledger, exit, account.healthMs())).toBe('adopted');
    expect(await account.used()).toBe(100_000_000);
    await account.end('hand-1', 'filled', '10');
    expect(await account.used()).toBe(0);
    await account.expectSound();
  });

  it('counts in a pool as well', async () => {
    const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
    await adopt(account.ledger, { ...found, pool: 'crypto' }, account.healthMs());
    expect(await account.used('crypto')).toBe(60_000_000);
    await account.end('hand-1', 'cancelled', '4');
    expect([await account.used(), await account.used('crypto')]).toEqual([0, 0]);
    await account.expectSound();
  });

  it('revives an order wrongly taken for ended, not one that ended after the broker was asked', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('hand-1'));
    await account.advance(60_000);
    expect(await account.order('hand-1')).toMatchObject({ state: 'expired' });
    expect(
      await adopt(account.ledger, { ...found, filledQty: '0', filledMicros: 0 }, account.healthMs()),
    ).toBe('deferred');
    expect(
      await adopt(account.ledger, { ...found, filledQty: '0', filledMicros: 0 }, account.healthMs() + 1),
    ).toBe('adopted');
    expect(await account.order('hand-1')).toMatchObject({
      state: 'working',
      kind: 'external',
      heldMicros: 100_000_000,
    });
    expect(await account.admit(anOrder('hand-1'))).toEqual({ outcome: 'exists', state: 'working' });
    await account.expectSound();
    await account.end('hand-1', 'cancelled');
    expect(await account.used()).toBe(0);
  });

  it('refuses an order that is full, and an account that is not there', async () => {
    const account = await ledgers.account();
    expect(
      (await failure(adopt(account.ledger, { ...found, filledQty: '10' }, NOW_MS))).details,
    ).toMatchObject({ field: 'filled_qty' });
    expect((await failure(adopt(account.ledger, { ...found, pool: 'bonds' }, NOW_MS))).details).toMatchObject(
      { field: 'pool' },
    );
    expect(await adopt(await ledgers.bare(), found, NOW_MS)).toBe('unknown');
    expect(await account.used()).toBe(0);
  });
});

describe('halt and resume', () => {
  it('stop admissions and nothing else, and may be repeated (I6)', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('a'));
    expect(await halt(account.ledger, 'operator')).toBe('halted');
    expect(await expectNoEffect(account, () => halt(account.ledger, 'operator'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'halted' });
    expect(await account.end('a', 'cancelled')).toMatchObject({ outcome: 'settled' });
    expect(await resume(account.ledger, 'operator')).toBe('resumed');
    expect(await expectNoEffect(account, () => resume(account.ledger, 'operator'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(await account.admit(anOrder('b'))).toMatchObject({ outcome: 'fits' });
    expect(await halt(await ledgers.bare(), 'operator')).toBe('unknown');
    expect(await resume(await ledgers.bare(), 'operator')).toBe('unknown');
  });
});

describe('the record of halts', () => {
  it('says who, when and why, and keeps each further reason once', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    expect(await halt(ledger, 'fills are late', 'alice@ops-1')).toBe('halted');
    await account.advanceLedger(5_000);
    expect(await halt(ledger, 'and odd', 'bob@ops-2')).toBe('noted');
    expect(await expectNoEffect(account, () => halt(ledger, 'fills are late', 'alice@ops-1'))).toEqual([
      'exists',
      'exists',
    ]);
    expect(reasonsInForce(await readHalts(ledger))).toEqual([
      { atMs: NOW_MS, what: 'halted', by: 'alice@ops-1', reason: 'fills are late' },
      { atMs: NOW_MS + 5_000, what: 'halted', by: 'bob@ops-2', reason: 'and odd' },
    ]);
    expect(await resume(ledger, 'it is over', 'bob@ops-2')).toBe('resumed');
    expect(reasonsInForce(await readHalts(ledger))).toEqual([]);
    expect((await readHalts(ledger))[0]).toMatchObject({
      what: 'resumed',
      by: 'bob@ops-2',
      reason: 'it is over',
    });
    expect(await halt(ledger, 'and odd', 'bob@ops-2')).toBe('halted');
    expect(reasonsInForce(await readHalts(ledger))).toMatchObject([{ reason: 'and odd' }]);
  });

  it('is bounded, and stays when a damaged book is emptied', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    for (let i = 0; i < 30; i += 1) await halt(ledger, `reason ${i}`);
    const notes = await readHalts(ledger);
    expect([notes.length, notes[0]?.reason]).toEqual([20, 'reason 29']);
    await ledger.redis.hset(key(ledger.account, 'account'), 'damaged', '1');
    await mend(ledger);
    expect(await readHalts(ledger)).toEqual(notes);
  });
});

describe('the clock', () => {
  it('stands where it was put, runs scaled, or is the server’s', async () => {
    const account = await ledgers.account();
    expect(await setClock(account.ledger, { mode: 'manual', nowMs: 5, healthMs: 7 })).toEqual({
      nowMs: 5,
      healthMs: 7,
    });
    const scaled = await setClock(account.ledger, { mode: 'scaled', nowMs: NOW_MS, scale: '60' });
    // The server's clock may advance between the two readings that the command takes.
    expect(scaled?.nowMs).toBeGreaterThanOrEqual(NOW_MS);
    expect(scaled?.nowMs).toBeLessThan(NOW_MS + 60 * 1_000);
    const real = await setClock(account.ledger, { mode: 'real' });
    expect(real?.nowMs).toBe(real?.healthMs);
    expect(real?.healthMs).toBeGreaterThanOrEqual(scaled?.healthMs ?? Number.POSITIVE_INFINITY);
    expect(await setClock(await ledgers.bare(), { mode: 'real' })).toBeUndefined();
  });
});
