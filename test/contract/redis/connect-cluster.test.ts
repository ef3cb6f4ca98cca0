/**
 * A connection to a Cluster goes to the master of the account's slot, and follows the slot to another master
 * without sending anything twice.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { key } from '../../../src/ledger/keys.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { openScratchAccounts } from '../../../src/ledger/what-if/scratch.ts';
import { slotOf } from '../../../src/redis/slot.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { failureOf, opened, PATIENCE } from '../../support/connecting.ts';
import { failure } from '../../support/ledger.ts';
import { freshAccount, portOf, startPrivateRedis } from '../../support/redis.ts';
import { ClusterTopology } from '../../support/topology/cluster.ts';

describe('on a Cluster', { timeout: 180_000 }, () => {
  let cluster: ClusterTopology;
  beforeAll(async () => {
    cluster = await ClusterTopology.start({ replicas: 1 });
  }, 180_000);
  afterAll(() => cluster.close());

  it("each connection goes to the master of its account's slot, and so do its duplicates", async () => {
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

  it('a slot that moved is followed: one command is refused, the next is answered', async () => {
    const [account = ''] = cluster.accountsSpread(1);
    const redis = opened(cluster.url, account);
    await redis.set(`ws:{${account}}:x`, '1');
    const before = portOf(redis);
    await cluster.handOver(account);
    expect((await failureOf(redis.incr(`ws:{${account}}:x`))).message).toMatch(/^MOVED /);
    expect(await redis.incr(`ws:{${account}}:x`)).toBe(2);
    expect(portOf(redis)).not.toBe(before);
  });

  it('a blocking client such as BullMQ gets an error, and waits again after a handover', async () => {
    const [account = ''] = cluster.accountsSpread(1);
    const redis = opened(cluster.url, account, { socketTimeout: 15_000 });
    const key = `ws:{${account}}:waiting`;
    const waiting = failureOf(redis.bzpopmin(key, 10));
    await expect
      .poll(async () => (await cluster.masterOf(account)).info('clients', 'blocked_clients'), PATIENCE)
      .toBe('1');
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
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Redis at 127.0.0.1:1,127.0.0.1:2 does not'),
    });
    expect(error.message).toMatch(
      /no node of the Cluster knows the master of slot 12501: 127\.0\.0\.1:1: connect ECONNREFUSED/,
    );
    expect(JSON.stringify(error)).not.toContain('pw@');
  });

  it('a server that is not a Cluster is reported', async () => {
    const server = await startPrivateRedis();
    onTestFinished(() => server.close());
    const url = server.url.replace('redis:', 'redis+cluster:');
    expect((await failure(openLedger(url, 'main'))).message).toMatch(
      /This instance has cluster support disabled/,
    );
  });
});
