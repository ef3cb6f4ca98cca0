/**
 * The server itself detects that a ledger lost writes (I8). Its run id is not enough: a server keeps it while
 * it becomes a replica, takes over an older copy and becomes a master again, perhaps without dropping any
 * connection.
 */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { steal } from '../../../src/ledger/commands/steal.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { connect } from '../../../src/redis/connect.ts';
import type { EmbeddedRedis } from '../../../src/redis/embedded.ts';
import { runScript } from '../../support/inspection.ts';
import { startStage, until } from '../../support/keeper.ts';
import { anOrder, LEASE_MS, type TestAccount, type TestLedgers, testLedgers } from '../../support/ledger.ts';
import { startPrivateRedis } from '../../support/redis.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };

let server: EmbeddedRedis;
let other: EmbeddedRedis;
let ledgers: TestLedgers;
let account: TestAccount;
/** The harness's own connections. */
let admin: Redis;
let otherAdmin: Redis;

beforeEach(async () => {
  const args = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  [server, other] = await Promise.all([startPrivateRedis({ args }), startPrivateRedis({ args })]);
  [admin, otherAdmin] = [connect(server.url, 'main'), connect(other.url, 'main')];
  // A master gets a new replication id with its first replica, since it has sent nothing before.
  await otherAdmin.replicaof('127.0.0.1', server.port);
  await linked(otherAdmin);
  ledgers = testLedgers(server.url);
  account = await ledgers.account();
});
afterEach(async () => {
  await ledgers.close();
  admin.disconnect();
  otherAdmin.disconnect();
  await server.close();
  await other.close();
});

const linked = (redis: Redis) =>
  expect.poll(() => redis.info('replication'), PATIENCE).toMatch(/master_link_status:up/);
const replicated = (info: string) => Number(/master_repl_offset:(\d+)/.exec(info)?.[1]);
const runId = async () => /run_id:(\w+)/.exec(await admin.info('server'))?.[1];

/** The other server has a copy of the book as it is now, and follows it no more. */
async function copyAside(): Promise<void> {
  const told = replicated(await admin.info('replication'));
  await expect
    .poll(async () => replicated(await otherAdmin.info('replication')), PATIENCE)
    .toBeGreaterThanOrEqual(told);
  await otherAdmin.replicaof('NO', 'ONE');
}

/**
 * The server is made a replica of the other one, and a master again: its book is the older copy. No
 * connection of the ledger's is lost.
 */
async function takeBackTheCopy(): Promise<void> {
  await admin.replicaof('127.0.0.1', other.port);
  await linked(admin);
  await admin.replicaof('NO', 'ONE');
}

describe('A ledger that lost writes while its server, its run id and its connection stayed', () => {
  it('admits, steals and submits nothing until it was reconciled, and then all of it', async () => {
    await account.admit(anOrder('kept').worth(100));
    await copyAside();
    const before = await runId();
    await account.place(anOrder('lost').worth(900));
    expect(await account.room()).toBe(0);
    await takeBackTheCopy();
    expect(await runId()).toBe(before);
    expect(account.ledger.redis.status).toBe('ready');
    // The order is at the broker, and the book has room for another.
    expect(await account.room()).toBe(900_000_000);
    const { ledger } = account;
    expect(await admit(ledger, anOrder('a').wish, LEASE_MS)).toMatchObject({ outcome: 'unsynced' });
    // It may have been sent after the copy was made.
    expect(await submit(ledger, 'kept', LEASE_MS)).toEqual({ outcome: 'unclear' });
    expect(await steal(ledger, anOrder('b').wish, LEASE_MS, '')).toMatchObject({ outcome: 'unsynced' });
    expect(await account.room()).toBe(900_000_000);
    expect(await account.sync('1000')).toMatchObject({ outcome: 'synced', rebuilt: true });
    expect(await admit(ledger, anOrder('a').wish, LEASE_MS)).toMatchObject({ outcome: 'fits' });
  });

  it('is closed too, for a moment and without need, when its server gets its first replica', async () => {
    const alone = await startPrivateRedis();
    onTestFinished(() => alone.close());
    const first = testLedgers(alone.url);
    onTestFinished(() => first.close());
    const lonely = await first.account();
    await otherAdmin.replicaof('127.0.0.1', alone.port);
    await linked(otherAdmin);
    expect(await lonely.admit(anOrder('a'))).toMatchObject({ outcome: 'unsynced' });
    await lonely.sync('1000');
    expect(await lonely.admit(anOrder('a'))).toMatchObject({ outcome: 'fits' });
  });

  it('is opened to everybody by one reconciliation', async () => {
    const second = await openLedger(server.url, account.name);
    onTestFinished(() => second.close());
    expect(await admit(second, anOrder('x').worth(100).wish, LEASE_MS)).toMatchObject({ outcome: 'fits' });
    await copyAside();
    await takeBackTheCopy();
    const { ledger } = account;
    expect(await admit(ledger, anOrder('a').worth(100).wish, LEASE_MS)).toMatchObject({
      outcome: 'unsynced',
    });
    await account.sync('1000');
    expect(await admit(ledger, anOrder('a').worth(100).wish, LEASE_MS)).toMatchObject({ outcome: 'fits' });
    // The second client's server id is outdated: it asks again after a refusal.
    expect(await admit(second, anOrder('b').worth(100).wish, LEASE_MS)).toMatchObject({
      outcome: 'unsynced',
    });
    expect(await admit(second, anOrder('b').worth(100).wish, LEASE_MS)).toMatchObject({ outcome: 'fits' });
  });

  it('is not opened by a reconciliation that began on the copy before it was lost', async () => {
    await copyAside();
    const before = await account.ledger.serverId();
    await takeBackTheCopy();
    await sync(
      { ...account.ledger, serverId: () => Promise.resolve(before) },
      1_000_000_000,
      account.healthMs(),
      [],
    );
    expect(await account.admit(anOrder('a'))).toMatchObject({ outcome: 'unsynced' });
  });

  it('is shown as one that was not reconciled', async () => {
    expect(await runScript(account, 'status', [])).toMatch(/admits\W+yes/i);
    await copyAside();
    await takeBackTheCopy();
    expect(await runScript(account, 'status', [])).toContain(
      'no: not reconciled since this Redis server started, or became a master',
    );
  });

  it('is noticed by a keeper that was connected all the time, and rebuilt from the broker', async () => {
    const stage = await startStage(server.url);
    onTestFinished(() => stage.close());
    const keeper = await stage.keeper();
    await until('the account is open', () => keeper.report()?.rebuilt === 1);
    await until('there is room', async () => (await stage.used()) === 0);
    await copyAside();
    await stage.send(stage.wish('lost'));
    await until('it counts', async () => (await stage.order('lost'))?.state === 'working');
    await takeBackTheCopy();
    await until('the keeper has rebuilt it', () => keeper.report()?.rebuilt === 2);
    expect(await stage.used()).toBe(1_000_000_000);
    await stage.agrees();
  });
});

describe('A server that was made a replica', () => {
  it('is disconnected from by every client that would write there', async () => {
    await copyAside();
    await admin.replicaof('127.0.0.1', other.port);
    await linked(admin);
    const closed = new Promise((resolve) => account.ledger.redis.once('close', resolve));
    await expect(account.prices({ AAA: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is a replica'),
    });
    await closed;
    await admin.replicaof('NO', 'ONE');
    await expect.poll(() => account.ledger.redis.status, PATIENCE).toBe('ready');
  });
});
