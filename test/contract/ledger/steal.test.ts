/** lua/steal.lua: I1-I3, I5, I6, I8, I9; docs/rules.md, 5 to 10. */
import { describe, expect, it } from 'vitest';
import { readClosures } from '../../../src/ledger/commands/closures.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { isDamaged } from '../../../src/ledger/commands/mend.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { steal } from '../../../src/ledger/commands/steal.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import {
  anOrder,
  expectNoEffect,
  LEASE_MS,
  NOW_MS,
  SYNC_MAX_AGE_MS,
  type TestAccount,
} from '../../support/ledger.ts';

const ledgers = useLedgers();

/**
 * A full account of 1,000 dollars: three orders far from their limits, worst first, and a thief close to its
 * own.
 */
async function aFullBook(env: Record<string, string> = {}): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices({ AAA: '11', BBB: '11', CCC: '11', TTT: '10' });
  await account.place(
    anOrder('a').of('AAA').worth(200).pnl('1'),
    anOrder('b').of('BBB').worth(300).pnl('2'),
    anOrder('c').of('CCC').worth(500).pnl('4'),
  );
  return account;
}

const thief = anOrder('t').of('TTT').worth(200).pnl('10');

describe('an index that was deleted in part', () => {
  it('takes no protected order: the book is closed at once, to be rebuilt', async () => {
    const account = await aFullBook();
    await account.ledger.redis.del(key(account.name, 'edges:AAA:buy'));
    await account.prices({ AAA: '10' }); // a is protected again, and the index was not told
    expect(await account.steal(thief)).toMatchObject({ outcome: 'closed' });
    expect(await account.order('a')).toMatchObject({ state: 'working', robbedBy: '' });
    expect(await account.outbox()).toEqual([]);
    expect(await isDamaged(account.ledger)).toBe(true);
    expect((await readClosures(account.ledger)).map(({ words }) => words)).toEqual([
      'order a is listed as one that may be taken, and may not be',
    ]);
    expect(await account.steal(thief)).toMatchObject({ outcome: 'unsynced' });
    const events = await account.ledger.redis.xrange(key(account.name, 'events'), '-', '+');
    expect(events.filter(([, fields]) => fields.includes('index_fault'))).toHaveLength(1);
  });

  it('promises no order that has ended', async () => {
    const account = await aFullBook();
    await account.ledger.redis.del(key(account.name, 'edges:AAA:buy'));
    await account.end('a', 'cancelled');
    expect(await account.field('heads:total', 'AAA')).toBeNull();
    expect(await account.steal(anOrder('t').of('TTT').worth(500).pnl('10'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'b' }],
    });
  });
});

describe('a steal', () => {
  it('keeps its trace, in its record and in the outbox, and none where there is none', async () => {
    const traceparent = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;
    for (const trace of [traceparent, '']) {
      const { ledger, name } = await aFullBook();
      expect(await steal(ledger, thief.wish, LEASE_MS, '', '', trace)).toMatchObject({ outcome: 'stolen' });
      expect(await ledger.redis.hget(key(name, 'steal:t'), 'traceparent')).toBe(trace || null);
      const [[, entry] = ['', []]] = await ledger.redis.xrange(key(name, 'outbox'), '-', '+');
      expect(entry.includes('traceparent')).toBe(trace !== '');
      expect(entry.includes(trace)).toBe(trace !== '');
    }
  });

  it('takes the worst order that is enough, and writes everything of it in one step (I9)', async () => {
    const account = await aFullBook();
    const answer = await account.steal(thief);
    expect(answer).toEqual({
      outcome: 'stolen',
      victims: [{ id: 'a', symbol: 'AAA', pnl: '1', heldMicros: 200_000_000 }],
      wouldFight: [],
      numbers: {
        need_micros: '200000000',
        room_micros: '0',
        victims: 'a AAA 1 200000000',
        looked: '1',
        would_fight: '',
      },
    });
    expect(await account.order('a')).toMatchObject({
      state: 'cancelling',
      robbedBy: 't',
      heldMicros: 200_000_000,
    });
    expect(await account.order('t')).toMatchObject({
      state: 'pending',
      heldMicros: 0,
      needMicros: 200_000_000,
    });
    expect(await account.outbox()).toEqual([{ id: 't', victims: ['a'] }]);
    const keys = await account.keyspace();
    expect(keys['steals']).toEqual(['TTT>AAA#t', `${NOW_MS}`]);
    expect(keys['fight:AAA|TTT']).toEqual(['t', `${NOW_MS}`]);
    expect(keys['cooldowns']).toEqual(['AAA', `${NOW_MS + 300_000}`]);
    expect(keys['steal:t']).toMatchObject({
      state: 'pending',
      left: '1',
      thief_symbol: 'TTT',
      lack_micros: '200000000',
      prices: 'TTT 10;AAA 11',
    });
    expect(await account.used()).toBe(1_000_000_000);
    await account.expectSound();
  });

  it('takes several when one is not enough, and lets go of those that are not needed', async () => {
    const account = await aFullBook({ WORK_STEALING_MIN_PNL_IMPROVEMENT: '1.1' });
    const answer = await account.steal(anOrder('t').of('TTT').worth(500).pnl('3.3'));
    expect(answer).toMatchObject({ outcome: 'stolen', victims: [{ id: 'a' }, { id: 'b' }] });
    expect(await account.outbox()).toEqual([{ id: 't', victims: ['a', 'b'] }]);
    await account.expectSound();
  });

  it('takes the single order that suffices when that gives up less', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11', BBB: '11', CCC: '11', TTT: '10' });
    await account.place(
      anOrder('a').of('AAA').worth(200).pnl('2'),
      anOrder('b').of('BBB').worth(300).pnl('2'),
      anOrder('c').of('CCC').worth(500).pnl('3'),
    );
    expect(await account.steal(anOrder('t').of('TTT').worth(500).pnl('100'))).toMatchObject({
      victims: [{ id: 'c' }],
    });
  });

  it('does not steal when it fits: it is admitted', async () => {
    const account = await ledgers.account();
    expect(await account.steal(thief)).toMatchObject({
      outcome: 'fits',
      numbers: { room_micros: '800000000' },
    });
    expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 200_000_000 });
    expect(await account.outbox()).toEqual([]);
  });

  it('holds the free room that there is from the start', async () => {
    const account = await aFullBook();
    await account.sync('1050');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen' });
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 50_000_000 });
    expect(await account.room()).toBe(0);
  });

  it('answers `exists` to a repeat, in every state of the thief, and changes nothing (I6)', async () => {
    const account = await aFullBook();
    await account.steal(thief);
    expect(await expectNoEffect(account, () => account.steal(thief))).toEqual(
      Array(2).fill({ outcome: 'exists', state: 'pending' }),
    );
    expect(await expectNoEffect(account, () => account.admit(thief))).toEqual(
      Array(2).fill({ outcome: 'exists', state: 'pending' }),
    );
    await account.end('a', 'cancelled');
    expect(await expectNoEffect(account, () => account.steal(thief))).toEqual(
      Array(2).fill({ outcome: 'exists', state: 'reserved' }),
    );
    await account.send('t');
    expect(await expectNoEffect(account, () => account.steal(thief))).toEqual(
      Array(2).fill({ outcome: 'exists', state: 'working' }),
    );
  });

  it('decides and reports but changes nothing in a dry run; the order is not admitted', async () => {
    const account = await aFullBook({ WORK_STEALING_DRY_RUN: '1' });
    const before = await account.book();
    expect(await account.steal(thief)).toMatchObject({ outcome: 'dry_run', victims: [{ id: 'a' }] });
    expect(await account.book()).toEqual(before);
  });

  it('starts no fight in a dry run', async () => {
    const account = await aFullBook({ WORK_STEALING_DRY_RUN: '1' });
    for (const id of ['r1', 'r2']) {
      await remember(account.ledger, { id, thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS - 900_000 });
    }
    expect(await account.steal(thief)).toMatchObject({
      outcome: 'dry_run',
      victims: [{ id: 'b' }],
      wouldFight: ['AAA'],
    });
    expect((await account.keyspace())['fighting']).toBeUndefined();
  });
});

describe('the mutex', () => {
  it('must still hold the value of the caller at the commit', async () => {
    const account = await aFullBook();
    const mutex = key(account.name, 'mutex');
    const before = await account.book();
    expect(await account.steal(thief, 'mine')).toMatchObject({
      outcome: 'lock_lost',
      numbers: { need_micros: '200000000', looked: '1' },
    });
    expect(await account.book()).toEqual(before);
    await account.ledger.redis.set(mutex, 'theirs');
    expect(await account.steal(thief, 'mine')).toMatchObject({ outcome: 'lock_lost' });
    await account.ledger.redis.set(mutex, 'mine');
    expect(await account.steal(thief, 'mine')).toMatchObject({ outcome: 'stolen' });
  });

  it('is not needed for a refusal with an earlier reason, or for an admission', async () => {
    const account = await aFullBook();
    expect(await account.steal(thief.pnl('1'), 'mine')).toMatchObject({ outcome: 'pnl_not_better' });
    await account.sync('2000');
    expect(await account.steal(thief, 'mine')).toMatchObject({ outcome: 'fits' });
  });
});

describe('a refusal names its reason and its numbers:', () => {
  it('disabled, no_price, not_close_enough, unsynced, halted', async () => {
    const account = await aFullBook();
    await account.prices({ TTT: '10.1' });
    expect(await account.steal(thief)).toMatchObject({
      outcome: 'not_close_enough',
      numbers: { distance: '0.010000000' },
    });
    await account.advanceHealth(15_001);
    expect(await account.steal(thief)).toMatchObject({ outcome: 'no_price' });
    await account.configure({ WORK_STEALING_ENABLED: '0' });
    expect(await account.steal(thief)).toMatchObject({ outcome: 'disabled' });
    await account.advanceHealth(SYNC_MAX_AGE_MS);
    expect(await account.steal(thief)).toMatchObject({ outcome: 'unsynced' });
    await halt(account.ledger, 'test');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'halted' });
    expect(await account.outbox()).toEqual([]);
  });

  it('no_candidates: probes, exits, VIPs, reservations, near orders, the own symbol', async () => {
    const positions = [{ symbol: 'XXX', side: 'long', qty: '10', costMicros: 0, pool: '' }] as const;
    const account = await ledgers.account({ env: { WORK_STEALING_VIP_SYMBOLS: 'VVV' }, positions });
    await account.prices({ PPP: '11', XXX: '9', VVV: '11', RRR: '11', NNN: '10.04', TTT: '10' });
    await account.place(
      anOrder('probe').of('PPP').worth(100).probing(),
      anOrder('exit').of('XXX').worth(100).selling().exiting(),
      anOrder('vip').of('VVV').worth(100),
      anOrder('near').of('NNN').worth(100),
      anOrder('own').of('TTT').worth(100).at('9'),
    );
    await account.admit(anOrder('reserved').of('RRR').worth(600));
    expect(await account.steal(thief)).toMatchObject({
      outcome: 'no_candidates',
      numbers: {
        looked: '0',
        room_micros: '0',
        passed_over: 'exempt 4;near 1;cooling 0;fighting 0;no_quote 0;own 1;stole_from_us 0;would_fight 0',
      },
    });
    await account.prices({ NNN: '10.040000001' });
    expect(await account.steal(thief.worth(100))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'near' }],
    });
  });

  it('pnl_not_better: the worst is beaten by a tenth, exactly, or not at all', async () => {
    const account = await aFullBook();
    expect(await account.steal(thief.pnl('1.099999999'))).toMatchObject({
      outcome: 'pnl_not_better',
      numbers: { looked: '1' },
    });
    expect(await account.steal(thief.pnl('1.1'))).toMatchObject({ outcome: 'stolen' });
  });

  it('pnl_not_better: the sum of all victims counts too', async () => {
    const account = await aFullBook();
    expect(await account.steal(thief.worth(450).pnl('3.299999999'))).toMatchObject({
      outcome: 'pnl_not_better',
    });
    expect(await account.steal(thief.worth(450).pnl('3.3'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'a' }, { id: 'b' }],
    });
  });

  it('pnl_not_better: a victim below zero is beaten only from above it', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(200).pnl('-1'));
    expect(await account.steal(thief.pnl('-1'))).toMatchObject({ outcome: 'pnl_not_better' });
    expect(await account.steal(thief.pnl('-0.900000001'))).toMatchObject({ outcome: 'pnl_not_better' });
    expect(await account.steal(thief.pnl('-0.9'))).toMatchObject({ outcome: 'stolen' });
  });

  it('insufficient_freed, and too_many_victims', async () => {
    const account = await aFullBook({ WORK_STEALING_MAX_VICTIMS: '2' });
    expect(await account.steal(thief.worth(1001).pnl('100'))).toMatchObject({
      outcome: 'insufficient_freed',
      numbers: { looked: '3' },
    });
    expect(await account.steal(thief.worth(1000).pnl('100'))).toMatchObject({ outcome: 'too_many_victims' });
    expect(await account.outbox()).toEqual([]);
  });

  it('fighting: the third steal of a pair is refused and both rest for half an hour', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    await remember(account.ledger, {
      id: 'r1',
      thiefSymbol: 'TTT',
      victimSymbol: 'AAA',
      atMs: NOW_MS - 1_800_000,
    });
    await remember(account.ledger, {
      id: 'r2',
      thiefSymbol: 'AAA',
      victimSymbol: 'TTT',
      atMs: NOW_MS - 400_000,
    });
    expect(await account.steal(thief)).toMatchObject({ outcome: 'fighting', wouldFight: ['AAA'] });
    expect((await account.keyspace())['fighting']).toEqual([
      'AAA',
      `${NOW_MS + 1_800_000}`,
      'TTT',
      `${NOW_MS + 1_800_000}`,
    ]);
    expect(await account.steal(thief)).toMatchObject({ outcome: 'no_candidates', wouldFight: [] });
    await account.expectSound();
  });
});

describe('the clock of the rules', () => {
  it.each([
    [299_000, 'no_candidates'],
    [299_999, 'no_candidates'],
    [300_000, 'stolen'],
    [301_000, 'stolen'],
  ] as const)('a symbol that was robbed %i ms ago: %s', async (ageMs, outcome) => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    await remember(account.ledger, { id: 'r1', thiefSymbol: 'ZZZ', victimSymbol: 'AAA', atMs: NOW_MS });
    await account.advanceLedger(ageMs);
    await account.prices({ AAA: '11', TTT: '10' });
    expect(await account.steal(thief)).toMatchObject({ outcome });
    await account.expectSound();
  });

  it.each([
    [299_999, 'no_candidates'],
    [300_000, 'stolen'],
  ] as const)('a symbol that robbed the thief %i ms ago: %s', async (ageMs, outcome) => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    await remember(account.ledger, { id: 'r1', thiefSymbol: 'AAA', victimSymbol: 'TTT', atMs: NOW_MS });
    await account.advanceLedger(ageMs);
    await account.prices({ AAA: '11', TTT: '10' });
    expect(await account.steal(thief)).toMatchObject({ outcome });
  });

  it.each([
    [1_800_000, 'fighting'],
    [1_800_001, 'stolen'],
    [1_801_000, 'stolen'],
  ] as const)('two steals of the pair, the older %i ms ago: %s', async (ageMs, outcome) => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    await remember(account.ledger, { id: 'r1', thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS });
    await account.advanceLedger(ageMs);
    await remember(account.ledger, {
      id: 'r2',
      thiefSymbol: 'TTT',
      victimSymbol: 'AAA',
      atMs: NOW_MS + 400_000,
    });
    await account.prices({ AAA: '11', TTT: '10' });
    expect(await account.steal(thief)).toMatchObject({ outcome });
  });

  it.each([
    [1_799_999, 'no_candidates'],
    [1_800_000, 'stolen'],
  ] as const)('a fight %i ms old: %s', async (ageMs, outcome) => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    for (const [at, id] of [900_000, 400_000, 0].entries()) {
      await remember(account.ledger, {
        id: `r${at}`,
        thiefSymbol: 'AAA',
        victimSymbol: 'ZZZ',
        atMs: NOW_MS - id,
      });
    }
    await account.advanceLedger(ageMs);
    await account.prices({ AAA: '11', TTT: '10' });
    expect(await account.steal(thief)).toMatchObject({ outcome });
    await account.expectSound();
  });

  it('a stale victim is left alone, and is a candidate again after its next tick', async () => {
    const account = await ledgers.account({ equity: '200' });
    await account.place(anOrder('a').worth(200).pnl('1'));
    await account.prices({ AAA: '11' });
    await account.advanceHealth(15_001);
    await account.prices({ TTT: '10' });
    expect(await account.steal(thief)).toMatchObject({ outcome: 'no_candidates' });
    await account.expectSound();
    await account.prices({ AAA: '11' });
    await account.expectSound();
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen' });
  });

  it('a quote that ages during a cooldown is still stale when the cooldown ends', async () => {
    const account = await ledgers.account({ equity: '400' });
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    await account.place(anOrder('a').worth(200).pnl('1'), anOrder('b').of('BBB').worth(200).pnl('2'));
    await account.advance(15_001);
    await account.prices({ TTT: '10', BBB: '11' });
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'b' }] });
    await remember(account.ledger, {
      id: 'r1',
      thiefSymbol: 'ZZZ',
      victimSymbol: 'AAA',
      atMs: account.nowMs(),
    });
    await account.advance(300_000);
    await account.prices({ UUU: '10' });
    expect(await account.steal(anOrder('u').of('UUU').worth(200).pnl('10'))).toMatchObject({
      outcome: 'no_candidates',
    });
    await account.prices({ AAA: '11' });
    expect(await account.steal(anOrder('u').of('UUU').worth(200).pnl('10'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'a' }],
    });
    await account.expectSound();
  });
});

describe('the ranking', () => {
  it('by pnl: lowest first, then oldest, then id', async () => {
    const account = await ledgers.account({ equity: '400' });
    await account.place(anOrder('late').of('LLL').worth(100).pnl('1'));
    await account.advance(1);
    await account.place(
      anOrder('b').of('BBB').worth(100).pnl('0.5'),
      anOrder('B').of('CCC').worth(100).pnl('0.5'),
    );
    await account.place(anOrder('a-1').of('DDD').worth(100).pnl('0.5'));
    await account.prices({ LLL: '11', BBB: '11', CCC: '11', DDD: '11', TTT: '10' });
    const order: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const answer = await account.steal(anOrder(`t${i}`).of('TTT').worth(100).pnl('50'));
      if (answer.outcome === 'stolen') order.push(...answer.victims.map(({ id }) => id));
    }
    expect(order).toEqual(['B', 'a-1', 'b', 'late']);
  });

  it('by distance: furthest first, and the rank follows the price', async () => {
    const account = await ledgers.account({ equity: '400', env: { WORK_STEALING_POLICY: 'distance' } });
    await account.prices({ AAA: '11', BBB: '12', CCC: '8', TTT: '10' });
    await account.place(
      anOrder('a').of('AAA').worth(100).pnl('1'),
      anOrder('a2').of('AAA').worth(100).at('9').pnl('1'),
      anOrder('b').of('BBB').worth(100).pnl('99'),
      anOrder('c').of('CCC').worth(100).pnl('5').selling(),
    );
    await account.prices({ AAA: '11.5' });
    await account.expectSound();
    await account.prices({ AAA: '10.5', CCC: '7.9' });
    await account.expectSound();
    const steal = async (id: string): Promise<unknown> =>
      account.steal(anOrder(id).of('TTT').worth(100).pnl('0'));
    expect(await steal('t1')).toMatchObject({ victims: [{ id: 'c' }] });
    expect(await steal('t2')).toMatchObject({ victims: [{ id: 'b' }] });
    expect(await steal('t3')).toMatchObject({ victims: [{ id: 'a2' }] });
    expect(await steal('t4')).toMatchObject({ outcome: 'no_candidates' });
    await account.expectSound();
  });

  it('by distance, at one distance: lowest pnl, negative ones first', async () => {
    const account = await ledgers.account({ equity: '300', env: { WORK_STEALING_POLICY: 'distance' } });
    await account.place(
      anOrder('a').of('AAA').worth(100).pnl('10'),
      anOrder('b').of('BBB').worth(100).pnl('-10'),
      anOrder('c').of('CCC').worth(100).pnl('9'),
    );
    await account.prices({ AAA: '11', BBB: '11', CCC: '11', TTT: '10' });
    for (const [i, id] of ['b', 'c', 'a'].entries()) {
      expect(await account.steal(anOrder(`t${i}`).of('TTT').worth(100))).toMatchObject({ victims: [{ id }] });
    }
  });

  it('looks at buys and sells, each against its own protection', async () => {
    const account = await ledgers.account({ equity: '400' });
    await account.place(
      anOrder('buy').worth(100).at('10').pnl('1'),
      anOrder('buy2').worth(100).at('12').pnl('0'),
      anOrder('sell').of('BBB').worth(100).at('12').selling().pnl('2'),
      anOrder('sell2').of('BBB').worth(100).at('10').selling().pnl('0'),
    );
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    expect(await account.steal(thief.worth(200))).toMatchObject({ victims: [{ id: 'buy' }, { id: 'sell' }] });
    await account.expectSound();
  });

  it('takes only as many consecutive orders of a symbol as it needs', async () => {
    const account = await ledgers.account({ equity: '1000' });
    await account.place(...Array.from({ length: 10 }, (_, i) => anOrder(`a${i}`).worth(90).pnl(`${i}`)));
    await account.place(anOrder('b').of('BBB').worth(100).pnl('1.5'));
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    expect(await account.steal(thief.worth(280).pnl('100'))).toMatchObject({
      victims: [{ id: 'a0' }, { id: 'a1' }, { id: 'b' }],
    });
    await account.expectSound();
  });

  it('looks at at most 64 candidates', async () => {
    const account = await ledgers.account({ equity: '1065', env: { WORK_STEALING_MAX_VICTIMS: '8' } });
    await account.place(
      ...Array.from({ length: 65 }, (_, i) =>
        anOrder(`a${i}`)
          .of(`A${i % 13}`)
          .worth(1)
          .pnl(`${i}`),
      ),
    );
    await account.place(anOrder('big').of('BIG').worth(1000).pnl('100'));
    await account.prices(
      Object.fromEntries([
        ...Array.from({ length: 13 }, (_, i) => [`A${i}`, '11']),
        ['BIG', '11'],
        ['TTT', '10'],
      ]),
    );
    expect(await account.steal(thief.worth(500).pnl('900'))).toMatchObject({
      outcome: 'insufficient_freed',
      numbers: { looked: '64' },
    });
  });
});

describe('pools', () => {
  const pools = { WORK_STEALING_POOLS: 'crypto:0.4,stock:1' };

  it('a thief that lacks room only in its own pool takes victims only there', async () => {
    const account = await ledgers.account({ env: pools });
    await account.prices({ AAA: '11', BTC: '11', ETH: '11', TTT: '10' });
    await account.place(
      anOrder('a').of('AAA').in('stock').worth(200).pnl('0'),
      anOrder('b').of('BTC').in('crypto').worth(200).pnl('5'),
      anOrder('c').of('ETH').in('crypto').worth(200).pnl('6'),
    );
    expect(await account.steal(anOrder('t').of('TTT').in('crypto').worth(200).pnl('10'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'b' }],
      numbers: { room_micros: '200000000', pool_room_micros: '0' },
    });
    expect(await account.order('t')).toMatchObject({ state: 'pending', heldMicros: 200_000_000 });
    expect([await account.room(), await account.room('crypto')]).toEqual([200_000_000, 0]);
    expect(await account.end('b', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect([await account.used(), await account.used('crypto')]).toEqual([600_000_000, 400_000_000]);
    await account.expectSound();
  });

  it('a thief that lacks in both takes another pool’s order only while total lacks', async () => {
    const account = await ledgers.account({ env: pools });
    await account.prices({ AAA: '11', SSS: '11', BTC: '11', TTT: '10' });
    await account.place(
      anOrder('s1').of('AAA').in('stock').worth(100).pnl('0'),
      anOrder('s2').of('SSS').in('stock').worth(500).pnl('1'),
      anOrder('b').of('BTC').in('crypto').worth(400).pnl('5'),
    );
    expect(await account.steal(anOrder('t').of('TTT').in('crypto').worth(100).pnl('10'))).toMatchObject({
      victims: [{ id: 'b' }],
    });
    await account.expectSound();
  });

  it('finds every order of a symbol whose orders count in different pools', async () => {
    const account = await ledgers.account({ env: pools });
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(
      anOrder('a').in('crypto').worth(300).pnl('1'),
      anOrder('b').in('stock').worth(300).pnl('2'),
      anOrder('c').worth(400).pnl('3'),
    );
    await account.prices({ AAA: '10' });
    await account.prices({ AAA: '11' });
    const wish = anOrder('t').of('TTT').in('crypto').worth(200).pnl('10');
    await account.sync('1200');
    await account.expectSound();
    expect(await account.steal(wish)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'a' }] });
    const keys = await account.keyspace();
    expect(keys['victims:crypto']).toBeUndefined();
    expect(keys['heads:crypto']).toBeUndefined();
    expect(keys['heads:stock']).toBeUndefined();
    await account.expectSound();
  });
});
