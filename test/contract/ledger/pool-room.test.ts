/**
 * What an order holds in its own pool (`held_pool_micros`), and the checks that use it (I1, I2, I5). Each
 * case also runs on scripts with one line broken on purpose and must fail there, so that every line that
 * moves or checks this room is tested.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { accountsOn, accountsOnChanged, type OpenAccount } from '../../support/changed-scripts.ts';
import { useRedis } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../../support/ledger.ts';

const redis = useRedis();
let base: Ledger;
beforeAll(async () => {
  base = await openLedger(redis.url, 'pools');
  base.redis.setMaxListeners(0);
});
afterAll(async () => {
  await base.close();
});

const HALF = { WORK_STEALING_POOLS: 'crypto:0.5,stock:1' };
const PRICES = { BTC: '11', ETH: '11', AAA: '11', CCC: '10' };
const coin = (id: string, dollars: number, symbol = 'BTC') =>
  anOrder(id).of(symbol).in('crypto').worth(dollars).pnl('1');
const thief = (dollars: number) => anOrder('t').of('CCC').in('crypto').worth(dollars).pnl('50');
const both = async (account: TestAccount) => [await account.used(), await account.used('crypto')];

/** The account of 1,000 dollars, 500 of them for cryptos. */
async function halves(open: OpenAccount, env = HALF): Promise<TestAccount> {
  const account = await open({ env });
  await account.prices(PRICES);
  return account;
}

type Play = (open: OpenAccount) => Promise<void>;

const PLAYS: Record<string, Play> = {
  async 'an order takes room in its pool, and fits only where there is so much'(open) {
    const account = await halves(open);
    await account.admit(coin('a', 400));
    expect(await both(account)).toEqual([400e6, 400e6]);
    expect(await account.admit(coin('b', 100.000001, 'CCC'))).toMatchObject({
      outcome: 'blocked',
      numbers: { pool_room_micros: '100000000' },
    });
    expect(await account.admit(coin('b', 100, 'CCC'))).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  },
  async 'an order is not sent while its own pool is over its cap, though total is not'(open) {
    const account = await halves(open);
    await account.admit(coin('a', 400));
    await account.configure({ WORK_STEALING_POOLS: 'crypto:0.3,stock:1' });
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'over_cap' });
    await account.configure({ WORK_STEALING_POOLS: 'crypto:0.4,stock:1' });
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
  },
  async 'a filled part leaves the order and becomes a position in its pool, and its end frees the rest there'(
    open,
  ) {
    const account = await halves(open);
    await account.place(coin('a', 400));
    await fill(account.ledger, 'a', '10', 90_000_000);
    expect(await both(account)).toEqual([390e6, 390e6]);
    await account.expectSound();
    await account.end('a', 'cancelled', '10', 90_000_000);
    expect(await both(account)).toEqual([90e6, 90e6]);
    await account.expectSound();
  },
  async 'a thief takes its pool’s free room and its victim’s, and frees it when it leaves'(open) {
    const account = await halves(open);
    await account.place(coin('v', 400));
    expect(await account.steal(thief(300))).toMatchObject({ outcome: 'stolen' });
    expect(await both(account)).toEqual([700e6, 500e6]);
    await account.expectSound();
    expect(await account.end('v', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await both(account)).toEqual([300e6, 300e6]);
    await account.expectSound();
    await release(account.ledger, 't', 'test');
    expect(await both(account)).toEqual([0, 0]);
    await account.expectSound();
  },
  async 'a thief is granted only when its own pool has covered it as well'(open) {
    const account = await halves(open);
    await account.place(coin('v', 250), coin('w', 250, 'ETH').pnl('2'));
    expect(await account.steal(thief(400))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'v' }, { id: 'w' }],
    });
    expect(await account.end('v', 'cancelled')).toMatchObject({ steal: { state: 'pending' } });
    expect(await both(account)).toEqual([650e6, 500e6]);
    await account.expectSound();
    expect(await account.end('w', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await both(account)).toEqual([400e6, 400e6]);
    await account.expectSound();
  },
  async 'a victim of another pool gives its thief nothing in the thief’s own'(open) {
    const account = await halves(open);
    await account.place(coin('v', 300), anOrder('s').of('AAA').in('stock').worth(700));
    expect(await account.steal(thief(400))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 's' }, { id: 'v' }],
    });
    expect(await both(account)).toEqual([1_000e6, 500e6]);
    await account.configure({ WORK_STEALING_POOLS: 'crypto:0.8,stock:1' });
    expect(await account.end('s', 'cancelled')).toMatchObject({ steal: { state: 'pending' } });
    expect(await both(account)).toEqual([700e6, 500e6]);
    expect(await account.end('v', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect(await both(account)).toEqual([400e6, 400e6]);
    await account.expectSound();
  },
  async 'what a victim frees makes good a lowered cap of the pool before it is its thief’s'(open) {
    const account = await halves(open);
    await account.place(coin('v', 250), coin('w', 250, 'ETH').pnl('2'));
    await account.steal(thief(250));
    await account.configure({ WORK_STEALING_POOLS: 'crypto:0.4,stock:1' });
    expect(await account.end('v', 'cancelled')).toMatchObject({ steal: { state: 'failed' } });
    expect(await both(account)).toEqual([250e6, 250e6]);
    await account.expectSound();
  },
  async 'a steal takes victims of its own pool until that has enough, and lets go of those it does not need'(
    open,
  ) {
    const account = await halves(open);
    await account.place(
      coin('v', 100),
      coin('w', 400, 'ETH').pnl('2'),
      anOrder('s').of('AAA').in('stock').worth(500).pnl('-9'),
    );
    expect(await account.steal(thief(350))).toMatchObject({ outcome: 'stolen', victims: [{ id: 'w' }] });
    await account.expectSound();
  },
  async 'a steal that lacks in its own pool alone looks at nobody else'(open) {
    const account = await halves(open);
    await account.place(anOrder('s').of('AAA').in('stock').worth(100).pnl('-9'));
    await account.admit(coin('r', 500));
    expect(await account.steal(thief(350))).toMatchObject({
      outcome: 'no_candidates',
      numbers: { looked: '0' },
    });
  },
  async 'a steal is refused where its own pool frees too little'(open) {
    const account = await halves(open);
    await account.place(coin('v', 100), anOrder('s').of('AAA').in('stock').worth(500).pnl('-9'));
    await account.admit(coin('r', 400, 'ETH'));
    expect(await account.steal(thief(350))).toMatchObject({ outcome: 'insufficient_freed' });
  },
  async 'a short sale takes what it lacks before it is sent in its pool, too'(open) {
    const account = await open({
      env: { WORK_STEALING_POOLS: 'stock:0.8', WORK_STEALING_SHORT_MARGIN: '0.03' },
    });
    await account.prices({ AAA: '100' });
    await account.admit(anOrder('a').in('stock').selling().at('100').qty('5'));
    await account.prices({ AAA: '110' });
    expect(await submit(account.ledger, 'a', LEASE_MS)).toEqual({ outcome: 'send' });
    expect([await account.used(), await account.used('stock')]).toEqual([566.5e6, 566.5e6]);
    await account.expectSound();
  },
  async 'an order found at the broker counts in its pool, and so does what a person makes of it'(open) {
    const account = await halves(open);
    const order = { id: 'a', brokerId: 'b', symbol: 'BTC', side: 'buy', limit: '10', qty: '20' } as const;
    await adopt(
      account.ledger,
      { ...order, filledQty: '5', filledMicros: 1, pool: 'crypto', reducing: false },
      1,
    );
    expect(await both(account)).toEqual([150e6, 150e6]);
    await account.expectSound();
    const { limit: _, ...terms } = { ...order, brokerId: 'b2', qty: '25' };
    await amend(account.ledger, {
      was: 'b',
      terms,
      limit: '10',
      before: { qty: '0', micros: 0 },
      takes: 'now',
    });
    expect(await both(account)).toEqual([200e6, 200e6]);
    await account.expectSound();
  },
};

/** A line of a script, what it becomes, and the play that finds it. */
type Mutation = [file: string, line: string, broken: string, by: RegExp];

const MUTATIONS: Mutation[] = [
  [
    'include/attempt',
    "wish.pool == '' and 0 or math.max(0, wish.need_micros - room(wish.pool))",
    '0',
    /^an order takes/,
  ],
  ['include/attempt', "if wish.pool ~= '' then add_orders(wish.pool, held_own) end", '', /^an order takes/],
  ['include/attempt', "'held_pool_micros', int(held_own)", "'held_pool_micros', '0'", /^an order takes/],
  [
    'include/attempt',
    "wish.need_micros, wish.pool == '' and 0 or wish.need_micros",
    'wish.need_micros, 0',
    /^an order takes/,
  ],
  ['submit', "or (order.pool ~= '' and room(order.pool) < more)", '', /^an order is not sent/],
  ['submit', 'room(order.pool) < more', 'room(order.pool) <= more', /^an order is not sent/],
  [
    'submit',
    "hold(order, need, order.pool == '' and 0 or need,",
    'hold(order, need, order.held_pool_micros,',
    /^a short sale/,
  ],
  ['submit', 'int(order.held_pool_micros))', "'0')", /^a short sale/],
  [
    'include/orders',
    "if order.pool ~= '' then add_orders(order.pool, own - order.held_pool_micros) end",
    '',
    /^a filled part/,
  ],
  ['include/orders', 'own - order.held_pool_micros', 'own', /^a filled part/],
  [
    'include/orders',
    'order.held_micros, order.held_pool_micros, order.held_cash_micros = total, own',
    'order.held_micros, order.held_pool_micros, order.held_cash_micros = total, order.held_pool_micros',
    /^a filled part/,
  ],
  ['include/orders', 'math.min(left, order.held_pool_micros)', 'order.held_pool_micros', /^a filled part/],
  [
    'fill',
    "'held_pool_micros', order.held_pool_micros",
    "'held_pool_micros', order.need_micros",
    /^a filled part/,
  ],
  ['include/orders', 'hold(order, 0, 0, 0)', 'hold(order, 0, order.held_pool_micros, 0)', /^a filled part/],
  [
    'steal',
    "wish.pool == '' and 0 or math.max(0, wish.need_micros - lack.own)",
    'wish.need_micros',
    /^a thief takes/,
  ],
  ['steal', "wish.pool == '' and 0 or math.max(0, wish.need_micros - lack.own)", '0', /^a thief takes/],
  [
    'include/steals',
    "'held_micros', thief.held_micros,\n    'held_pool_micros', thief.held_pool_micros, " +
      "'held_cash_micros', thief.held_cash_micros)\n  redis",
    "'held_micros', thief.held_micros)\n  redis",
    /^a thief takes/,
  ],
  [
    'include/steals',
    "write_order(id, 'held_micros', thief.held_micros, 'held_pool_micros', thief.held_pool_micros,",
    "write_order(id, 'held_micros', thief.held_micros,",
    /^a thief is granted/,
  ],
  [
    'include/orders',
    "and (order.pool == '' or order.held_pool_micros >= order.need_micros)",
    '',
    /^a thief is granted/,
  ],
  ['include/orders', 'thief.held_pool_micros + own,', 'thief.held_pool_micros,', /^a thief takes/],
  [
    'include/orders',
    'math.min(freed_own, thief.need_micros - thief.held_pool_micros, room(thief.pool))',
    'math.min(freed_own, room(thief.pool))',
    /^a thief takes/,
  ],
  [
    'include/orders',
    'thief.need_micros - thief.held_pool_micros, room(thief.pool))',
    'thief.need_micros - thief.held_pool_micros)',
    /^what a victim frees/,
  ],
  [
    'include/steals',
    "thief.pool ~= '' and victim.pool == thief.pool and freed_own or 0",
    'freed_own',
    /^a victim of another pool/,
  ],
  [
    'include/steals',
    "thief.pool ~= '' and victim.pool == thief.pool and freed_own or 0",
    '0',
    /^a thief is granted/,
  ],
  [
    'settle',
    'freed_total, freed_own, freed_cash = order.held_micros, order.held_pool_micros,',
    'freed_total, freed_own, freed_cash = order.held_micros, 0,',
    /^a thief is granted/,
  ],
  [
    'include/selection',
    'victim.pool == wish.pool and victim.held_pool_micros or 0',
    'victim.held_pool_micros or 0',
    /^a steal is refused/,
  ],
  [
    'include/selection',
    'covered = covers(sum, lack)',
    'covered = sum.total >= lack.total',
    /^a thief is granted/,
  ],
  [
    'include/selection',
    'covers(freed, lack) then single',
    'freed.total >= lack.total then single',
    /^a thief is granted/,
  ],
  [
    'include/selection',
    'if covers(left, lack, victim) then',
    'if left.total - victim.total >= lack.total then',
    /^a thief is granted/,
  ],
  [
    'include/selection',
    '(lack.own > 0 and lack.total == 0) and wish.pool or',
    'false or',
    /^a steal that lacks/,
  ],
  ['adopt', "if args.pool ~= '' then add_orders(args.pool, held) end", '', /^an order found/],
  ['adopt', "'held_pool_micros', args.pool == '' and 0 or held", "'held_pool_micros', 0", /^an order found/],
  [
    'amend',
    "hold(amended, counts, amended.pool == '' and 0 or counts,",
    'hold(amended, counts, amended.held_pool_micros,',
    /^an order found/,
  ],
];

describe('in its own pool', () => {
  it.each(Object.keys(PLAYS))('%s', (name) => (PLAYS[name] as Play)(accountsOn(base)));
});

describe('a broken line is found', () => {
  it.each(MUTATIONS)('%s: `%s` -> `%s`', async (file, line, broken, by) => {
    const name = Object.keys(PLAYS).find((play) => by.test(play)) as string;
    const played = await (PLAYS[name] as Play)(accountsOnChanged(base, [[file, line, broken]])).then(
      () => 'nothing was found',
      // The play notices, or the script itself does when it can't go on.
      ({ name, message }: Error) => (/ FAULT /.test(message) ? 'AssertionError' : name),
    );
    expect(played).toBe('AssertionError');
  });
});
