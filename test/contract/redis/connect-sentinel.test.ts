/**
 * A connection to one server, or to the master that Sentinels name. It follows the master to another server
 * without sending anything twice.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { openRedis } from '../../../src/redis/open.ts';
import { opened, PATIENCE } from '../../support/connecting.ts';
import { coordinate } from '../../support/coordination.ts';
import { anOrder, failure, testLedgers } from '../../support/ledger.ts';
import { portOf, startPrivateRedis } from '../../support/redis.ts';
import { SentinelTopology } from '../../support/topology/sentinel.ts';

describe('on one server', { timeout: 180_000 }, () => {
  it('a worker takes cancellations again within seconds after its server was a replica', async () => {
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
    await expect(account.prices({ AAA: '1' })).rejects.toThrow(/is a replica/);
    await hungUp;
    // Long enough for the worker to have asked for its next job, which is a write.
    await expect
      .poll(
        () => admin.info('stats').then((info) => Number(/total_error_replies:(\d+)/.exec(info)?.[1])),
        PATIENCE,
      )
      .toBeGreaterThan(3);
    await admin.replicaof('NO', 'ONE');
    const startedMs = performance.now();
    const enqueued = () =>
      all.queue.enqueue('after', ['v']).then(
        () => true,
        () => false,
      );
    await expect.poll(enqueued, PATIENCE).toBe(true);
    await expect.poll(() => all.jobs.length, { ...PATIENCE, timeout: 60_000 }).toBe(2);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
  });
});

describe('on Sentinel', { timeout: 180_000 }, () => {
  let sentinel: SentinelTopology;
  beforeAll(async () => {
    sentinel = await SentinelTopology.start();
  }, 180_000);
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

  it('writes that a master accepted while its replicas lagged are lost, as Redis documents', async () => {
    const redis = opened(sentinel.url, 'main');
    await redis.set('y', 'kept');
    await sentinel.failover(true, { meanwhile: () => redis.set('y', 'lost') });
    expect(await redis.get('y')).toBe('kept');
    await sentinel.heal();
  });

  it('a connection to a hung master is dropped, and not renewed when it returns as a replica', async () => {
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
    expect(gone).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no Sentinel knows the master'),
    });
    const unknown = await failure(openLedger(sentinel.url.replace(/main$/, 'another'), 'main'));
    expect(unknown.message).toMatch(
      /another does not answer: no Sentinel knows the master: .* ERR No such master/,
    );
  });

  it('a master with min-replicas-to-write admits nothing while its replicas are cut off', async () => {
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
      await expect.poll(answer, PATIENCE).toMatch(/^admit: Redis.*: too few replicas /);
      for (const replica of replicas) replica.thaw();
      await expect.poll(answer, PATIENCE).toBe('fits');
    } finally {
      for (const replica of replicas) replica.thaw();
      await master.admin.config('SET', 'min-replicas-to-write', '0');
    }
  });

  it('a master that does not wait for its replicas causes a warning', async () => {
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };
    await openRedis({ env: { REDIS_URL: sentinel.url }, log });
    expect(warnings).toEqual([
      expect.stringMatching(/ has 2 replicas and min-replicas-to-write is 0; set it to 1/),
    ]);
    const master = await sentinel.master();
    await master.admin.config('SET', 'min-replicas-to-write', '1');
    await openRedis({ env: { REDIS_URL: sentinel.url }, log });
    expect(warnings).toHaveLength(1);
    await master.admin.config('SET', 'min-replicas-to-write', '0');
  });
});
