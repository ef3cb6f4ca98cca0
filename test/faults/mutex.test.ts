/**
 * The steal mutex is lost, held by a hanging process, on unreachable servers, or tied in votes. It is a
 * courtesy: never a wrong result, never a wait beyond its deadline (docs/architecture.md, 4; I1, I3).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { StealQueue } from '../../src/coordinator/steal-queue.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Mutex } from '../../src/mutex/mutex.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { EmbeddedRedis } from '../../src/redis/embedded.ts';
import {
  anOrder,
  failure,
  LEASE_MS,
  type TestAccount,
  type TestLedgers,
  testLedgers,
} from '../support/ledger.ts';
import { isStopped } from '../support/process-table.ts';
import { freshAccount, startPrivateRedis } from '../support/redis.ts';

const NODES = 3;
const DEADLINE_MS = 1_000;
const TRY_MS = 600;
/** Beyond deadline and last try: timers, and a machine that is busy. */
const SLACK_MS = 1_500;
const never = new AbortController().signal;

let nodes: EmbeddedRedis[];
let ledgers: TestLedgers;
let account: TestAccount;

beforeAll(async () => {
  nodes = await Promise.all(Array.from({ length: NODES }, () => startPrivateRedis()));
  ledgers = testLedgers(nodes[0]?.url ?? '');
});
afterAll(async () => {
  await ledgers.close();
  for (const node of nodes) await node.close();
});

const worse = anOrder('worse').of('ETH').worth(900).pnl('1');
const better = anOrder('better').of('UNI').worth(900).pnl('9');

/** An account that the worse order fills, far from its limit, while the better one is near its own. */
beforeEach(async () => {
  account = await ledgers.account();
  await account.prices({ ETH: '10.05', UNI: '10.01' });
  await account.place(worse);
  await account.prices({ ETH: '11' });
});

const connections: Redis[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.disconnect();
});

/** A connection to each of the servers, as a decider's: it fails fast. */
function connect(): Redis[] {
  return nodes.map(({ url }) => {
    const redis = new Redis(url, { maxRetriesPerRequest: 0, commandTimeout: 1_000 });
    redis.on('error', () => {});
    connections.push(redis);
    return redis;
  });
}

function onAll(): Mutex {
  return redlockMutex(connect(), { deadlineMs: DEADLINE_MS, tryMs: TRY_MS });
}

/** The process's queue of thieves with this mutex. */
function thieves(mutex: Mutex): StealQueue {
  const log = { warn: () => {} };
  const made = new StealQueue({ ledger: account.ledger, mutex, leaseMs: LEASE_MS, log });
  onTestFinished(() => made.close());
  return made;
}

/** The mutex on the ledger's own server, which is lost as often right after it was handed out. */
function losing(times: number): Mutex {
  const mutex = redlockMutex([account.ledger.redis]);
  let left = times;
  return {
    ...mutex,
    async acquire(resource, ttlMs, signal) {
      const held = await mutex.acquire(resource, ttlMs, signal);
      if (left-- > 0) await account.ledger.redis.del(resource);
      return held;
    },
  };
}

/** Stops these servers by a signal until the test is over: connections stay, and nothing is answered. */
function hang(...servers: (EmbeddedRedis | undefined)[]): void {
  for (const server of servers) {
    if (server === undefined) continue;
    process.kill(server.pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(server.pid, 'SIGCONT'));
  }
}

async function elapsedMs(work: Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work;
  return performance.now() - startedMs;
}

describe('a mutex that is lost between its acquisition and the commit', () => {
  it('lets nothing be committed', async () => {
    const before = await account.book();
    const outcome = await thieves(losing(3)).attempt(better.wish, never);
    expect(outcome).toMatchObject({ outcome: 'lock_lost' });
    expect(await account.book()).toEqual(before);
  });

  it('is taken again, and the steal is committed once', async () => {
    expect(await thieves(losing(2)).attempt(better.wish, never)).toMatchObject({ outcome: 'stolen' });
    expect(await account.outbox()).toEqual([{ id: 'better', victims: ['worse'] }]);
    await account.expectSound();
  });

  it('and taken by another thief lets only that one commit', async () => {
    const mutexKey = key(account.name, 'mutex');
    const lost = await redlockMutex([account.ledger.redis]).acquire(mutexKey, 5_000);
    await account.ledger.redis.set(mutexKey, 'somebody else');
    expect(await account.steal(better, lost.value)).toMatchObject({ outcome: 'lock_lost' });
    expect(await account.outbox()).toEqual([]);
    expect(await account.steal(better, 'somebody else')).toMatchObject({ outcome: 'stolen' });
  });
});

describe('a mutex that a stopped process holds', () => {
  it('is free after its ttl, and what that process commits when it goes on is refused', async () => {
    const TTL_MS = 1_500;
    const child = await stoppedThief(TTL_MS);
    const mutexKey = key(account.name, 'mutex');
    const held = await redlockMutex([account.ledger.redis], { deadlineMs: TTL_MS + SLACK_MS }).acquire(
      mutexKey,
      60_000,
    );
    child.process.kill('SIGCONT');
    expect(await child.line()).toBe('lock_lost');
    expect(await account.outbox()).toEqual([]);
    expect(await account.steal(better, held.value)).toMatchObject({ outcome: 'stolen' });
    expect(await child.exit).toEqual([0, null]);
    // its release did not affect the next holder
    expect(await account.ledger.redis.get(mutexKey)).toBe(held.value);
    await account.expectSound();
  });
});

describe('on three servers the mutex', () => {
  const aKey = (): string => `ws:{${freshAccount('mutex')}}:mutex`;

  it.each([
    ['is to be had though one does not answer', 1],
    ['is refused within its deadline when two do not answer', 2],
    ['is refused within its deadline when none answers', 3],
  ])('%s', async (_, hanging) => {
    const mutex = onAll();
    const first = await mutex.acquire(aKey(), 5_000);
    await first.release();
    hang(...nodes.slice(NODES - hanging));
    const resource = aKey();
    if (hanging < 2) {
      const held = await mutex.acquire(resource, 5_000);
      expect(await held.extend(5_000)).toBe(true);
      expect((await failure(onAll().acquire(resource, 5_000))).code).toBe('timeout');
      expect(await elapsedMs(held.release())).toBeLessThan(TRY_MS + SLACK_MS);
    } else {
      const error = failure(mutex.acquire(resource, 5_000));
      expect(await elapsedMs(error)).toBeLessThan(DEADLINE_MS + TRY_MS + SLACK_MS);
      expect((await error).code).toBe('timeout');
    }
  });

  it('refuses within the deadline when the votes are tied, and is free when they have expired', async () => {
    const resource = aKey();
    const TIED_MS = 2 * DEADLINE_MS;
    for (const [at, redis] of connect().entries())
      await redis.set(resource, `candidate ${at}`, 'PX', TIED_MS);
    const error = failure(onAll().acquire(resource, 5_000));
    expect(await elapsedMs(error)).toBeLessThan(DEADLINE_MS + TRY_MS + SLACK_MS);
    expect((await error).message).toContain('others hold it');
    const patient = redlockMutex(connect(), { deadlineMs: TIED_MS + SLACK_MS, tryMs: TRY_MS });
    await (await patient.acquire(resource, 5_000)).release();
  });

  it('goes to one at a time while many compete, and every one has its answer in time', async () => {
    const resource = aKey();
    let inside = 0;
    let most = 0;
    let turns = 0;
    const compete = async (mutex: Mutex): Promise<void> => {
      for (let turn = 0; turn < 4; turn += 1) {
        const held = await mutex.acquire(resource, 5_000).catch(() => undefined);
        if (held === undefined) continue;
        turns += 1;
        inside += 1;
        most = Math.max(most, inside);
        await sleep(1);
        inside -= 1;
        await held.release();
      }
    };
    const tookMs = await elapsedMs(Promise.all(Array.from({ length: 6 }, () => compete(onAll()))));
    expect({ most, anyone: turns > 0 }).toEqual({ most: 1, anyone: true });
    expect(tookMs).toBeLessThan(4 * (DEADLINE_MS + TRY_MS + SLACK_MS));
  });

  it('lets a thief commit with one node away, and refuses it without a change with two away', async () => {
    const queue = thieves(onAll());
    hang(nodes[1]);
    const another = anOrder('another').of('BTC').worth(900).pnl('9');
    await account.prices({ BTC: '10.01' });
    hang(nodes[2]);
    const { mutex: _, ...before } = await account.book();
    const refused = queue.attempt(another.wish, never);
    expect(await elapsedMs(refused)).toBeLessThan(3 * (DEADLINE_MS + TRY_MS + SLACK_MS));
    expect(await refused).toMatchObject({ outcome: 'lock_lost' });
    const { mutex: __, ...after } = await account.book(); // votes of tries that are still unanswered
    expect(after).toEqual(before);
    process.kill(nodes[2]?.pid ?? 0, 'SIGCONT');
    // Votes of unanswered attempts block others until they are released or expire.
    await expect
      .poll(async () => (await queue.attempt(better.wish, never)).outcome, { timeout: 60_000 })
      .toBe('stolen');
    await account.expectSound();
  });
});

type Stopped = { process: ChildProcess; line(): Promise<string>; exit: Promise<unknown[]> };

/** A process that took the mutex and was stopped with it in hand. */
async function stoppedThief(ttlMs: number): Promise<Stopped> {
  const program = `${packageRoot()}/test/support/stopping-thief.ts`;
  const args = [program, nodes[0]?.url ?? '', account.name, JSON.stringify(better.wish), `${ttlMs}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  expect(await line()).toBe('held');
  await expect.poll(() => isStopped(child.pid ?? 0)).toBe(true);
  return { process: child, line, exit: once(child, 'exit') };
}
