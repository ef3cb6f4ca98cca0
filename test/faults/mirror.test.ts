/** The mirror: pages, what has no event, and what follows a loss of the ledger. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cancel } from '../../src/ledger/commands/cancel.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { filePlan, type Plan, withdrawPlan } from '../../src/ledger/commands/plans.ts';
import { wishArguments } from '../../src/ledger/commands/wish.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { commandName, defineScripts } from '../../src/ledger/scripts.ts';
import { type Mirror, openMirror } from '../../src/mirror/mirror.ts';
import type { ResetReason } from '../../src/mirror/resume.ts';
import { serverBinary } from '../../src/redis/open.ts';
import type { Env } from '../../src/rules/settings.ts';
import { type FaultyRedis, startFaultyRedis } from '../support/faulty-redis.ts';
import { anOrder, NOW_MS, openAccount, type TestAccount } from '../support/ledger.ts';
import { freshly, mirrored } from '../support/mirrored.ts';
import { freshAccount } from '../support/redis.ts';

const LIMIT_MS = 60_000;
const log = pino({ level: 'silent' });

let redis: FaultyRedis;

beforeAll(async () => {
  const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
  redis = await startFaultyRedis({ binary: path });
});
afterAll(() => redis.close());

async function aMirror(
  equity = '1000',
): Promise<{ account: TestAccount; mirror: Mirror; resets: ResetReason[] }> {
  const ledger = await openLedger(redis.url, freshAccount('mirror'));
  const account = await openAccount(ledger, { equity });
  const mirror = await openMirror({ ledger, redisUrl: redis.url, log });
  const resets: ResetReason[] = [];
  mirror.events.listen({ onEvent: () => {}, onReset: (reason) => void resets.push(reason) });
  onTestFinished(async () => {
    await mirror.close();
    await ledger.close();
  });
  return { account, mirror, resets };
}

const settled = (mirror: Mirror): Promise<void> => mirror.settled(AbortSignal.timeout(LIMIT_MS));

function aPlan(id: string, symbol: string): Plan {
  const size = { limit: '10', qty: '1', pnl: '1', pool: '', takeProfit: '' };
  const times = { startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  return { id, symbol, side: 'buy', mode: 'normal', ...size, ...times, strategy: 'test' };
}

describe('lists', () => {
  it('are filtered by state, symbol, stage and reason', async () => {
    const { account, mirror } = await aMirror();
    await account.place(anOrder('a').of('AAA').worth(10), anOrder('b').of('BBB').worth(10));
    await account.end('b', 'cancelled');
    await filePlan(account.ledger, aPlan('p', 'AAA'));
    await filePlan(account.ledger, aPlan('q', 'BBB'));
    await withdrawPlan(account.ledger, 'q', 'changed my mind');
    await settled(mirror);
    const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);
    expect(ids(mirror.orders({ state: 'working' }))).toEqual(['a']);
    expect(ids(mirror.orders({ symbol: 'BBB' }))).toEqual([]);
    expect(ids(mirror.orders({ state: 'ended', symbol: 'BBB' }))).toEqual(['b']);
    expect(ids(mirror.orders({ state: 'cancelled', reason: 'broker' }))).toEqual(['b']);
    expect(ids(mirror.plans({ stage: 'waiting' }))).toEqual(['p']);
    expect(ids(mirror.plans({ stage: 'ended', reason: 'changed my mind' }))).toEqual(['q']);
  });
});

describe('what a person did', () => {
  it('is there, and what follows it', async () => {
    const { account, mirror } = await aMirror();
    await account.place(anOrder('a').of('AAA').worth(10));
    await cancel(account.ledger, 'a', 'asked', 'jane@desk');
    await halt(account.ledger, 'lunch', 'jane@desk');
    await settled(mirror);
    expect(mirror.status().halts).toMatchObject([{ by: 'jane@desk' }]);
    expect(mirror.orders({})).toMatchObject([{ id: 'a', state: 'cancelling' }]);
    expect(mirror.isStale).toBe(false);
  });
});

describe('the book for viewers', () => {
  it.each<[string, Env]>([
    ['pnl', {}],
    ['pnl, fading', { WORK_STEALING_PNL_HALF_LIFE: '1800' }],
    ['distance', { WORK_STEALING_POLICY: 'distance' }],
    ['expected', { WORK_STEALING_POLICY: 'expected' }],
    ['expected, fading', { WORK_STEALING_POLICY: 'expected', WORK_STEALING_PNL_HALF_LIFE: '1800' }],
  ])('has those that may be taken first, as the ledger ranks them (%s)', async (_, env) => {
    const { account, mirror } = await aMirror();
    const symbols = ['AAA', 'BBB', 'CCC', 'DDD'];
    for (const [at, symbol] of symbols.entries()) {
      const order = anOrder(`o${at}`).of(symbol).worth(10);
      const probability = ['0.5', '0.1', '0.9', '1'][at] as string;
      await account.place(order.pnl(String((at * 3) % 4)).likely(probability));
      await account.advanceLedger(3_600_000);
    }
    await account.prices({ AAA: '11', BBB: '13', CCC: '12', DDD: '10' });
    await settled(mirror);
    // The rules change while the mirror has its rows.
    await account.configure(env);
    await settled(mirror);
    const ranked = await account.ledger.redis.zrange(key(account.name, 'victims:total'), 0, '-1');
    expect(ranked.length).toBe(3);
    const ids = mirror.worstFirst().map(({ id }) => id);
    expect(ids).toEqual([...ranked.map((member) => member.split(':').at(-1)), 'o3']);
    expect(mirror.rules).toMatchObject({ gate: 0.003, protection: 0.004 });
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
  });
});

describe('what has no event', () => {
  it('a second refusal within a millisecond is there, when another plan was refused after it', async () => {
    const { account, mirror } = await aMirror();
    const { ledger, name } = account;
    await account.place(anOrder('a').of('AAA').worth(990).pnl('50'));
    await account.prices({ AAA: '12', CCC: '10' });
    // So many that the turn of `p` is not soon.
    for (const id of ['p', 'q', ...Array.from({ length: 100 }, (_, nth) => `r${nth}`)])
      await filePlan(ledger, aPlan(id, 'CCC'));
    const refused = (id: string, plan: string) => anOrder(id).of('CCC').worth(500).pnl('9').plan(plan);
    await account.steal(refused('p1', 'p'));
    await settled(mirror);
    // In one transaction: the mirror reads before all of it or after.
    defineScripts(ledger.redis, ['steal', 'clock']);
    const multi = ledger.redis.multi();
    const scripted = multi as unknown as Record<string, (...args: (string | number)[]) => unknown>;
    const add = (script: string, ...args: (string | number)[]) =>
      scripted[commandName(script)]?.(key(name, 'account'), ...args);
    const server = await ledger.serverId();
    const steal = (id: string, plan: string) =>
      add('steal', ...wishArguments(refused(id, plan).wish, 30_000, server), '', '', '');
    steal('p2', 'p');
    add('clock', 'manual', NOW_MS + 1, '1', NOW_MS + 1);
    steal('q1', 'q');
    await multi.exec();
    await settled(mirror);
    expect(mirror.plan('p')).toMatchObject({ refusal: { times: 2 } });
    expect(mirrored(mirror)).toEqual(await freshly(ledger));
  });

  it('prices, refusals and protections that end are there all the same', async () => {
    const { account, mirror } = await aMirror('1001');
    await account.place(
      anOrder('a').of('AAA').worth(499).pnl('1'),
      anOrder('b').of('BBB').worth(500).pnl('2'),
      anOrder('d').of('AAA').worth(1).pnl('8'),
    );
    await account.prices({ AAA: '12', BBB: '12', CCC: '10' });
    await filePlan(account.ledger, aPlan('p', 'CCC'));
    await account.steal(anOrder('c').of('CCC').worth(500).pnl('9').plan('p'));
    await account.end('a', 'cancelled');
    await settled(mirror);
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
    expect(mirror.order('d')).toMatchObject({ victim: 'cooldown' });

    await account.advanceLedger(3_600_000);
    await account.prices({ AAA: '10.01', BBB: '13' });
    await account.steal(anOrder('e').of('CCC').worth(500).pnl('0').plan('p'));
    await settled(mirror);
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
    expect(mirror.order('d')).toMatchObject({ victim: 'near', price: '10.01' });

    await account.advanceHealth(3_600_000);
    await settled(mirror);
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
    expect(mirror.order('d')).toMatchObject({ victim: 'no price', price: null });
  });
});

describe('after a loss', () => {
  it('of everything it holds the new book', async () => {
    const { account, mirror, resets } = await aMirror();
    await account.place(anOrder('old').worth(10));
    await settled(mirror);
    await redis.flushAll();
    await expect.poll(() => mirror.isStale, { timeout: LIMIT_MS }).toBe(true);
    expect(() => mirror.status()).toThrow('there is no account');
    const again = await openAccount(account.ledger, {});
    await again.place(anOrder('new').worth(10));
    await settled(mirror);
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
    expect(mirror.orders({}).map(({ id }) => id)).toEqual(['new']);
    expect(resets).toEqual(['rebuilt']);
  });

  it('of the last writes it holds what is left', async () => {
    const { account, mirror, resets } = await aMirror();
    await account.place(anOrder('kept').worth(10));
    const atMs = redis.moment();
    await account.place(anOrder('lost').worth(10));
    await settled(mirror);
    expect(mirror.order('lost')).toBeDefined();
    await redis.restartLosing(performance.now() - atMs);
    await settled(mirror);
    expect(mirrored(mirror)).toEqual(await freshly(account.ledger));
    expect(mirror.orders({}).map(({ id }) => id)).toEqual(['kept']);
    expect(resets).toEqual(['behind']);
  });

  it('of the connection it goes on where it was', async () => {
    const { account, mirror, resets } = await aMirror();
    await account.place(anOrder('a').worth(10));
    await settled(mirror);
    await redis.restart();
    const synced = (): Promise<boolean> =>
      account.sync('1000').then(
        () => true,
        () => false,
      );
    await expect.poll(synced, { timeout: LIMIT_MS }).toBe(true);
    await account.place(anOrder('b').worth(10));
    await settled(mirror);
    expect(mirror.orders({}).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(resets).toEqual([]);
  });
});
