/**
 * Redis loses acknowledged writes under a running fleet (I1, I7, I8): it restarts without its last seconds,
 * or is wiped. A ledger that forgot an order must admit nothing. To detect a breach, a plan that would fit
 * only in such a ledger waits the whole time, and the exchange records exposure. Afterwards ledger and
 * exchange agree, and the plans continue.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { type FaultyRedis, startFaultyRedis } from '../support/faulty-redis.ts';
import { EMPTY_BOOK, type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { untypedErrors } from '../support/told-errors.ts';

let redis: FaultyRedis;
let fleet: Fleet | undefined;
let roles: RoleProcess[];
/** The plans and symbols of this test. */
let number = 0;
const worse = () => `worse${number}`;
const better = () => `better${number}`;
const victim = () => `V${number}`;
const thief = () => `T${number}`;

function at(): Fleet {
  if (fleet === undefined) throw new Error('a fleet is there only while a test runs');
  return fleet;
}

beforeAll(async () => {
  const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
  redis = await startFaultyRedis({ binary: path });
});
afterAll(async () => {
  await fleet?.close();
  await redis.close();
});
beforeEach(async () => {
  number += 1;
  if (fleet !== undefined) return;
  fleet = await startFleet(redis.url, { cancelDelay: 50 });
  const start = at().start;
  roles = [start('keep'), start('work'), start('watch', 'a'), start('watch', 'b')];
  await fleet.reconciled();
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${fleet?.story() ?? ''}\n`);
  await fleet?.close();
  fleet = undefined;
});

const stages = async () => [(await at().plan(worse())).stage, (await at().plan(better())).stage];
const fileWorse = () => at().file({ id: worse(), symbol: victim(), pnl: '1' });
const fileBetter = () => at().file({ id: better(), symbol: thief(), pnl: '9' });

/**
 * Both plans wait far from their limits, each on a host of its own, and this is on the disk.
 * @returns the moment to go back to
 */
async function bothWait(): Promise<number> {
  for (const symbol of [victim(), thief()]) at().price(symbol, '110');
  await fileWorse();
  await fileBetter();
  const owners = async () => [(await at().plan(worse())).owner, (await at().plan(better())).owner].sort();
  await expect.poll(owners, PATIENCE).toEqual(['a', 'b']);
  await at().priceKnown(thief(), '110');
  return redis.moment();
}

/** As a planner does, which tries until the account is there. */
async function filedAgain(): Promise<void> {
  for (const [id, file] of [
    [better(), fileBetter],
    [worse(), fileWorse],
  ] as const) {
    const filed = async () => {
      await file();
      return (await at().plan(id)).id;
    };
    await expect.poll(filed, PATIENCE).toBe(id);
  }
}

/**
 * The worse plan's order fills the account, and its price goes far away.
 * @returns the moment when it worked, to go back to
 */
async function worseWorks(): Promise<number> {
  at().price(victim(), '100.5');
  const works = { live: [`${worse()}_1`], orders: [`${worse()}_1 working`] };
  await expect.poll(() => at().book(), PATIENCE).toMatchObject(works);
  const workedAtMs = redis.moment();
  at().price(victim(), '110');
  await at().priceKnown(victim(), '110');
  return workedAtMs;
}

const betterIsNear = () => at().price(thief(), '100.2');

async function cancelRequested(): Promise<void> {
  const asked = async () => (await at().judge()).cancelRequests.map(({ id }) => id);
  await expect.poll(asked, PATIENCE).toContain(`${worse()}_1`);
}

/**
 * Ledger and exchange agree on this one order, the plans are so far, and stay so over several
 * reconciliations; nothing was ever wrong, nobody died.
 */
async function endsAs(
  order: string,
  stagesOfBoth: [string, string],
  positions: string[] = [],
): Promise<void> {
  const look = async () => ({ ...(await at().book()), stages: await stages() });
  const one = order === '' ? {} : { live: [order], orders: [`${order} working`] };
  const right = { ...EMPTY_BOOK, ...one, positions, stages: stagesOfBoth };
  await expect.poll(look, PATIENCE).toEqual(right);
  const rounds = () => Number(roles[0]?.report['reconciles']);
  const before = rounds();
  await roles[0]?.until('it has reconciled three times more', () => rounds() >= before + 3);
  expect(await look()).toEqual(right);
  const { violations, doubleOrders } = await at().judge();
  expect({ violations, doubleOrders }).toEqual({ violations: [], doubleOrders: 0 });
  expect(roles.filter(({ alive }) => !alive).map(({ name }) => name)).toEqual([]);
  expect(roles.flatMap(untypedErrors)).toEqual([]);
}

/** The events of these types since Redis came back, in their order: type and order. */
async function happened(...types: string[]): Promise<string[]> {
  const entries = await at().ledger.redis.xrange(key(at().account, 'events'), '-', '+');
  const events = entries.map(([, fields]) => ({
    type: fields[1] ?? '',
    order: fields[fields.indexOf('order') + 1] ?? '',
  }));
  return events
    .filter(
      ({ type, order }) => types.includes(type) && [worse(), better()].some((plan) => order === `${plan}_1`),
    )
    .map(({ type, order }) => `${type} ${order}`);
}

/** The account is empty again. */
async function clear(): Promise<void> {
  await at().withdraw(worse(), better());
  await expect.poll(() => at().book(), PATIENCE).toEqual(EMPTY_BOOK);
}

describe('Redis comes back without', () => {
  it('an order that works at the broker: it counts before anything else is admitted', async () => {
    const then = await bothWait();
    await worseWorks();
    betterIsNear();
    expect(await redis.restartLosing(performance.now() - then)).toBeGreaterThan(0);
    // Its plan takes it back; only then can the better plan take its room.
    await endsAs(`${better()}_1`, ['waiting', 'entering']);
    expect(await happened('adopted', 'claimed', 'stolen')).toEqual([
      `adopted ${worse()}_1`,
      `claimed ${worse()}_1`,
      `stolen ${better()}_1`,
    ]);
    await clear();
  });

  it('a steal whose victim is being cancelled at the broker', async () => {
    await bothWait();
    const then = await worseWorks();
    await at().faults({ stickCancels: 1 });
    betterIsNear();
    await cancelRequested();
    await redis.restartLosing(performance.now() - then);
    await at().faults({ stickCancels: 0 });
    await endsAs(`${better()}_1`, ['waiting', 'entering']);
    await clear();
  });

  it('a whole steal: the thief works at the broker, and the ledger knows only its victim', async () => {
    await bothWait();
    const then = await worseWorks();
    betterIsNear();
    await expect
      .poll(() => at().book(), PATIENCE)
      .toMatchObject({ live: [`${better()}_1`], orders: [`${better()}_1 working`] });
    await redis.restartLosing(performance.now() - then);
    await endsAs(`${better()}_1`, ['waiting', 'entering']);
    await clear();
  });
});

describe('Redis is wiped', () => {
  it('while an order works: it counts before new orders, and its plan and a thief find it', async () => {
    await bothWait();
    await worseWorks();
    betterIsNear();
    await redis.flushAll();
    await filedAgain();
    await endsAs(`${better()}_1`, ['waiting', 'entering']);
    await clear();
  });

  it("in the middle of a steal: the broker carries it out, and the room is the better plan's", async () => {
    await bothWait();
    await worseWorks();
    await at().faults({ stickCancels: 1 });
    betterIsNear();
    await cancelRequested();
    await redis.flushAll();
    await filedAgain();
    await at().faults({ stickCancels: 0 });
    await endsAs(`${better()}_1`, ['waiting', 'entering']);
    await clear();
  });
});

/** Last: what was filled stays in the account. */
it('Redis comes back without a fill: the position counts', async () => {
  await bothWait();
  const then = await worseWorks();
  at().price(victim(), '99');
  await expect.poll(() => at().plan(worse()), PATIENCE).toMatchObject({ stage: 'done' });
  betterIsNear();
  await redis.restartLosing(performance.now() - then);
  await endsAs('', ['done', 'waiting'], [`${victim()} 9`]);
});
