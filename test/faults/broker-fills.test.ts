/**
 * Fills during a steal, orders by hand, and equity that falls below what is used (I1, I4, I5, I7). Fills
 * count, freed room belongs to the thief, and nothing is admitted that does not fit.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { EMPTY_BOOK, type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';

const redis = useRedis();
let fleet: Fleet | undefined;
let watcher: RoleProcess;
let number = 0;
/** The plans and symbols of this test. */
const worse = () => `worse${number}`;
const better = () => `better${number}`;
const victim = () => `V${number}`;
const thief = () => `T${number}`;

function at(): Fleet {
  if (fleet === undefined) throw new Error('a fleet is there only while a test runs');
  return fleet;
}

afterAll(async () => {
  await fleet?.close();
});
beforeEach(async () => {
  number += 1;
  if (fleet !== undefined) return;
  fleet = await startFleet(redis.url, { cancelDelay: 50 });
  fleet.start('keep');
  fleet.start('work');
  watcher = fleet.start('watch', 'host', { WORKSTEAL_MAX_PLANS: '5' });
  await fleet.reconciled();
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${fleet?.story() ?? ''}\n`);
  await fleet?.close();
  fleet = undefined;
});

/** The worse plan's order of 900 works, far from its limit. */
async function worseWorks(): Promise<void> {
  at().price(victim(), '100.5');
  await at().file({ id: worse(), symbol: victim(), pnl: '1' });
  await expect.poll(() => at().order(`${worse()}_1`), PATIENCE).toMatchObject({ state: 'working' });
  at().price(victim(), '110');
  await at().priceKnown(victim(), '110');
}

/** A plan of so many, near its limit, and better unless it is said to be worth less. */
async function betterComes(qty: string, pnl = '9'): Promise<void> {
  at().price(thief(), '100.2');
  await at().file({ id: better(), symbol: thief(), pnl, qty });
}

async function endsAs(book: Partial<typeof EMPTY_BOOK>, stages: Record<string, string>): Promise<void> {
  const look = async () => {
    const told = await Promise.all(Object.keys(stages).map(async (id) => [id, (await at().plan(id)).stage]));
    return { ...(await at().book()), ...Object.fromEntries(told) };
  };
  await expect.poll(look, PATIENCE).toEqual({ ...EMPTY_BOOK, ...book, ...stages });
  await at().expectSound();
}

/**
 * The plans are withdrawn and the positions sold by hand: the account is empty again, and the ledger hears of
 * it.
 */
async function clear(...more: string[]): Promise<void> {
  await at().withdraw(worse(), better(), ...more);
  await expect.poll(async () => (await at().book()).live, PATIENCE).toEqual([]);
  await at().person.sellAll();
  await expect.poll(() => at().book(), PATIENCE).toEqual(EMPTY_BOOK);
}

describe('a victim', () => {
  it('that fills wholly instead of being cancelled frees nothing, and the thief learns of it', async () => {
    await worseWorks();
    await at().faults({ fillOnCancel: 1, fillOnCancelShare: 1 });
    await betterComes('9');
    await endsAs({ positions: [`${victim()} 9`] }, { [worse()]: 'done', [better()]: 'waiting' });
    expect(watcher.lines.map(({ msg }) => msg)).toContain(`${thief()}: its steal failed`);
    await clear();
  });

  it('that fills in part before its cancellation frees enough for a small thief', async () => {
    await worseWorks();
    await at().faults({ fillOnCancel: 1, fillOnCancelShare: 0.34 });
    await betterComes('7');
    const book = { live: [`${better()}_1`], orders: [`${better()}_1 working`], positions: [`${victim()} 3`] };
    await endsAs(book, { [better()]: 'entering', [worse()]: 'done' });
    await clear();
  });

  it('that fills in part before its cancellation frees too little for a large thief', async () => {
    await worseWorks();
    await at().faults({ fillOnCancel: 1, fillOnCancelShare: 0.34 });
    await betterComes('9');
    await endsAs({ positions: [`${victim()} 3`] }, { [better()]: 'waiting', [worse()]: 'done' });
    await clear();
  });

  it('that was filled in part long before counts with both parts, and frees what is unfilled', async () => {
    await worseWorks();
    await at().faults({ partFills: 1 });
    at().price(victim(), '100');
    await expect.poll(async () => (await at().order(`${worse()}_1`))?.filledQty, PATIENCE).toMatch(/^[1-8]$/);
    const filled = Number((await at().order(`${worse()}_1`))?.filledQty);
    at().price(victim(), '110');
    await at().priceKnown(victim(), '110');
    await betterComes(`${10 - filled}`); // all that is free, and all that is unfilled
    const book = {
      live: [`${better()}_1`],
      orders: [`${better()}_1 working`],
      positions: [`${victim()} ${filled}`],
    };
    await endsAs(book, { [better()]: 'entering', [worse()]: 'done' });
    await clear();
  });
});

it('an order by hand counts, so that what fitted before does not', async () => {
  await at().person.buy(victim(), '5', '90');
  await expect.poll(async () => (await at().book()).orders.length, PATIENCE).toBe(1);
  await betterComes('9');
  await watcher.until('it was refused', ({ lines }) =>
    lines.some(({ msg }) => msg.startsWith(`${thief()}: refused`)),
  );
  expect(await at().plan(better())).toMatchObject({ stage: 'waiting', attempt: 1 });
  await at().person.cancelAll();
  await endsAs({ live: [`${better()}_1`], orders: [`${better()}_1 working`] }, { [better()]: 'entering' });
  await clear();
});

it('while equity is below what is used, nothing is admitted and live orders stay', async () => {
  const equity = async () => await at().ledger.redis.hget(key(at().account, 'account'), 'equity_micros');
  await worseWorks();
  const before = Number(await equity());
  await at().faults({ withdrawUsd: '500' });
  await expect.poll(async () => Number(await equity()), PATIENCE).toBe(before - 500_000_000);
  await betterComes('1', '1'); // no better, so it can't take the other's room
  await watcher.until('it was refused', ({ lines }) =>
    lines.some(({ msg }) => msg.startsWith(`${thief()}: refused`)),
  );
  expect(await at().book()).toMatchObject({
    live: [`${worse()}_1`],
    orders: [`${worse()}_1 working`],
    leakedMicros: 0,
  });
  await at().faults({ depositUsd: '500' });
  const both = [`${better()}_1`, `${worse()}_1`];
  await endsAs(
    { live: both, orders: both.map((id) => `${id} working`) },
    { [worse()]: 'entering', [better()]: 'entering' },
  );
  await clear();
});
