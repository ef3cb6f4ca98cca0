/** One connection, whatever the address names: found anew when its server is not the one any more, and nothing is sent twice by that. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { key } from '../../../src/ledger/keys.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { openScratchAccounts } from '../../../src/ledger/what-if/scratch.ts';
import { connect } from '../../../src/redis/connect.ts';
import { openRedis } from '../../../src/redis/open.ts';
import { slotOf } from '../../../src/redis/slot.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { coordinate } from '../../support/coordination.ts';
import { anOrder, failure, testLedgers } from '../../support/ledger.ts';
import { freshAccount, portOf, startPrivateRedis } from '../../support/redis.ts';
import { ClusterTopology } from '../../support/topology/cluster.ts';
import { SentinelTopology } from '../../support/topology/sentinel.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };
const WAITING = { maxRetriesPerRequest: null, retryStrategy: () => 50 };

function opened(url: string, account: string, options = {}): Redis {
  const redis = connect(url, account, { ...WAITING, ...options });
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

describe('on a Cluster', { timeout: 60_000 }, () => {
  let cluster: ClusterTopology;
  beforeAll(async () => {
    cluster = await ClusterTopology.start({ replicas: 1 });
  }, 60_000);
  afterAll(() => cluster.close());

  it('each account is talked to on the master of its slot, and so are duplicates of a connection', async () => {
    for (const account of cluster.accountsSpread(6)) {
      const redis = opened(cluster.url, account);
      const copy = redis.duplicate();
      onTestFinished(() => copy.disconnect());
      await redis.set(`ws:{${account}}:x`, '1');
      expect(await copy.get(`ws:{${account}}:x`)).toBe('1');
      const { port } = await cluster.masterOf(account);
      expect([portOf(redis), portOf(copy)]).toEqual([port, port]);
    }
  });

  it('any one node of the address is enough, and those that are gone do not matter', async () => {
    const account = freshAccount();
    const [alone] = cluster.nodes.slice(-1);
    const redis = opened(`redis+cluster://127.0.0.1:1,127.0.0.1:${alone?.port},127.0.0.1:2`, account);
    expect(await redis.set(`ws:{${account}}:x`, '1')).toBe('OK');
  });

  it('a node that hangs does not hold up the others', async () => {
    const account = freshAccount();
    const master = await cluster.masterOf(account);
    const other = cluster.nodes.find((node) => node !== master);
    const third = cluster.nodes.find((node) => node !== master && node !== other);
    other?.freeze();
    try {
      const redis = opened(`redis+cluster://127.0.0.1:${other?.port},127.0.0.1:${third?.port}`, account);
      const startedMs = performance.now();
      expect(await redis.set(`ws:{${account}}:x`, '1')).toBe('OK');
      expect(performance.now() - startedMs).toBeLessThan(900); // not the second that the node had
    } finally {
      other?.thaw();
      await cluster.heal();
    }
  });

  it('a slot that was handed over is followed: the one command is refused, and the next is answered', async () => {
    const [account = ''] = cluster.accountsSpread(1);
    const redis = opened(cluster.url, account);
    await redis.set(`ws:{${account}}:x`, '1');
    const before = portOf(redis);
    await cluster.handOver(account);
    expect((await failureOf(redis.incr(`ws:{${account}}:x`))).message).toMatch(/^MOVED /);
    expect(await redis.incr(`ws:{${account}}:x`)).toBe(2);
    expect(portOf(redis)).not.toBe(before);
  });

  it('who waits for something, as BullMQ does, is told, and waits on behind a handover', async () => {
    const [account = ''] = cluster.accountsSpread(1);
    const redis = opened(cluster.url, account, { socketTimeout: 15_000 });
    const key = `ws:{${account}}:waiting`;
    const waiting = failureOf(redis.bzpopmin(key, 10));
    await expect.poll(async () => (await cluster.masterOf(account)).info('clients', 'blocked_clients'), PATIENCE).toBe('1');
    await cluster.handOver(account);
    expect((await waiting).message).toMatch(/^(MOVED|UNBLOCKED) /);
    const again = redis.bzpopmin(key, 10);
    await opened(cluster.url, account).zadd(key, 1, 'a');
    expect(await again).toEqual([key, 'a', '1']);
  });

  it('scratch accounts share one connection, so they lie in one slot', async () => {
    const scratch = await openScratchAccounts(cluster.url);
    onTestFinished(() => scratch.close());
    const rules = readSettings({}).settings;
    for (let index = 0; index < 5; index += 1) await configure(scratch.account(index), rules, 1_000);
    expect(new Set([0, 1, 2, 3, 4].map((index) => slotOf(scratch.account(index).account))).size).toBe(1);
    await scratch.clear();
    expect(await scratch.account(3).redis.exists(key(scratch.account(3).account, 'account'))).toBe(0);
  });

  it('a ledger is unavailable where no node answers, and says which were asked', async () => {
    const error = await failure(openLedger('redis+cluster://me:pw@127.0.0.1:1,127.0.0.1:2', 'main'));
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Redis at 127.0.0.1:1,127.0.0.1:2 does not') });
    expect(error.message).toMatch(/no node of the Cluster tells who holds slot 12501: 127\.0\.0\.1:1: connect ECONNREFUSED/);
    expect(JSON.stringify(error)).not.toContain('pw@');
  });

  it('a server that is no Cluster says so', async () => {
    const server = await startPrivateRedis();
    onTestFinished(() => server.close());
    const url = server.url.replace('redis:', 'redis+cluster:');
    expect((await failure(openLedger(url, 'main'))).message).toMatch(/This instance has cluster support disabled/);
  });
});

describe('on one server', { timeout: 60_000 }, () => {
  it('a worker takes cancellations again within seconds after its server was a replica for a while', async () => {
    const server = await startPrivateRedis();
    onTestFinished(() => server.close());
    const ledgers = testLedgers(server.url);
    const account = await ledgers.account();
    const all = await coordinate(server.url, account);
    onTestFinished(() => all.close());
    await all.queue.enqueue('before', ['v']);
    await expect.poll(() => all.jobs.length, PATIENCE).toBe(1);
    const admin = opened(server.url, 'main');
    const hungUp = new Promise((resolve) => account.ledger.redis.once('close', resolve));
    await admin.replicaof('127.0.0.1', 1);
    await expect(account.prices({ AAA: '1' })).rejects.toThrow(/READONLY/);
    await hungUp;
    // Long enough for the worker to have asked for its next job, which is a write.
    await expect
      .poll(() => admin.info('stats').then((info) => Number(/total_error_replies:(\d+)/.exec(info)?.[1])), PATIENCE)
      .toBeGreaterThan(3);
    await admin.replicaof('NO', 'ONE');
    const startedMs = performance.now();
    const enqueued = () =>
      all.queue.enqueue('after', ['v']).then(
        () => true,
        () => false,
      );
    await expect.poll(enqueued, PATIENCE).toBe(true);
    await expect.poll(() => all.jobs.length, { ...PATIENCE, timeout: 20_000 }).toBe(2);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
  });
});

describe('on Sentinel', { timeout: 60_000 }, () => {
  let sentinel: SentinelTopology;
  beforeAll(async () => {
    sentinel = await SentinelTopology.start();
  }, 60_000);
  afterAll(() => sentinel.close());

  it('the master is talked to, and after its death the one that took its place', async () => {
    const redis = opened(sentinel.url, 'main');
    await redis.set('x', '1');
    const before = portOf(redis);
    expect(before).toBe((await sentinel.master()).port);
    await sentinel.failover(false);
    expect(await redis.incr('x')).toBe(2);
    expect(portOf(redis)).not.toBe(before);
    await sentinel.heal();
  });

  it('what a master took while its replicas were behind is lost: Redis promises no more', async () => {
    const redis = opened(sentinel.url, 'main');
    await redis.set('y', 'kept');
    await sentinel.failover(true, { meanwhile: () => redis.set('y', 'lost') });
    expect(await redis.get('y')).toBe('kept');
    await sentinel.heal();
  });

  it('a connection to a master that hangs is given up, and none is made to it when it comes back as a replica', async () => {
    const redis = opened(sentinel.url, 'main', { socketTimeout: 1_000 });
    await redis.set('z', '1');
    const old = portOf(redis);
    await sentinel.failover(false, { how: 'stop' });
    expect(await redis.incr('z')).toBe(2);
    await sentinel.heal();
    expect(portOf(redis)).not.toBe(old);
  });

  it('the first Sentinel of the address may be gone, or hang', async () => {
    const [first] = sentinel.sentinels;
    first?.freeze();
    try {
      const startedMs = performance.now();
      const redis = opened(sentinel.url.replace('//', '//127.0.0.1:1,'), 'main');
      expect(await redis.ping()).toBe('PONG');
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    } finally {
      first?.thaw();
    }
  });

  it('connects again and again, however many Sentinels there are, at the first try', async () => {
    const redis = opened(sentinel.url, 'main', { retryStrategy: null });
    for (let i = 0; i < 7; i += 1) {
      expect(await redis.ping()).toBe('PONG');
      const ended = new Promise((resolve) => redis.once('end', resolve));
      redis.disconnect();
      await ended;
      await redis.connect();
    }
  });

  it('a ledger is unavailable where no Sentinel answers, or none knows the name', async () => {
    const gone = await failure(openLedger('redis+sentinel://127.0.0.1:1/main', 'main'));
    expect(gone).toMatchObject({ code: 'unavailable', message: expect.stringContaining('no Sentinel tells who is master') });
    const unknown = await failure(openLedger(sentinel.url.replace(/main$/, 'another'), 'main'));
    expect(unknown.message).toMatch(
      /another does not answer: no Sentinel tells who is master: failed to connect to sentinel .* ERR No such master/,
    );
  });

  it('a master that is told to care admits nothing while its replicas are cut off from it', async () => {
    const ledgers = testLedgers(sentinel.url);
    onTestFinished(() => ledgers.close());
    const account = await ledgers.account();
    const master = await sentinel.master();
    const replicas = sentinel.servers.filter((server) => server !== master);
    let number = 0;
    const answer = async () =>
      await account.admit(anOrder(`a${++number}`).worth(1)).then(
        ({ outcome }) => outcome,
        ({ message }: Error) => message,
      );
    await master.admin.config('SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', '1');
    try {
      expect(await answer()).toBe('fits');
      for (const replica of replicas) replica.freeze();
      await expect.poll(answer, PATIENCE).toMatch(/^admit: NOREPLICAS /);
      for (const replica of replicas) replica.thaw();
      await expect.poll(answer, PATIENCE).toBe('fits');
    } finally {
      for (const replica of replicas) replica.thaw();
      await master.admin.config('SET', 'min-replicas-to-write', '0');
    }
  });

  it('a master whose replicas nobody waits for is warned of', async () => {
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };
    await openRedis({ env: { REDIS_URL: sentinel.url }, log });
    expect(warnings).toEqual([expect.stringMatching(/it has 2 replicas and min-replicas-to-write is 0; set it to 1/)]);
    const master = await sentinel.master();
    await master.admin.config('SET', 'min-replicas-to-write', '1');
    await openRedis({ env: { REDIS_URL: sentinel.url }, log });
    expect(warnings).toHaveLength(1);
    await master.admin.config('SET', 'min-replicas-to-write', '0');
  });
});

async function failureOf(asked: Promise<unknown>): Promise<Error> {
  return await asked.then(
    (answer) => {
      throw new Error(`it was answered: ${String(answer)}`);
    },
    (error: unknown) => error as Error,
  );
}
