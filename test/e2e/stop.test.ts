/**
 * A person stops things, with a real watcher, worker and keeper at the paper exchange: `cancel`, `withdraw`,
 * `close`, `halt --cancel-entries`. Each ends when the broker has confirmed it.
 */
import { execFile } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readHalts } from '../../src/ledger/halts.ts';
import { key } from '../../src/ledger/keys.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import { PROGRAM } from '../support/program.ts';
import type { RoleProcess } from '../support/role-process.ts';

// Several starts of real processes each.
vi.setConfig({ testTimeout: 90_000 });
const redis = useRedis();
let fleet: Fleet;
let watcher: RoleProcess | undefined;
beforeEach(async () => {
  fleet = await startFleet(redis.url);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
  await fleet.close();
});

type Ended = { code: number; out: string; err: string };

/** `worksteal …` in a process of its own, without a terminal. */
function worksteal(...args: string[]): Promise<Ended> {
  const env = {
    ...CHILD_ENV,
    REDIS_URL: redis.url,
    WORKSTEAL_ACCOUNT: fleet.account,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args, '--by', 'alice@ops'], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

const stateOf = async (id: string) => (await fleet.order(id))?.state;
const stageOf = async (id: string) => (await fleet.plan(id)).stage;

/** Plan `p` with an entry that works at the broker. */
async function entryWorks(changes: { takeProfit?: string } = {}): Promise<void> {
  fleet.start('keep');
  watcher = fleet.start('watch', 'w');
  await fleet.reconciled();
  fleet.price('ETH', '100.3');
  await fleet.file({ id: 'p', symbol: 'ETH', ...changes });
  await expect.poll(() => stateOf('p_1'), PATIENCE).toBe('working');
}

/** Plan `p` holds 9 ETH, and its exit works at 150. */
async function exitWorks(): Promise<void> {
  await entryWorks({ takeProfit: '150' });
  fleet.price('ETH', '99.9');
  await expect.poll(() => stateOf('p_x1'), PATIENCE).toBe('working');
  fleet.price('ETH', '120');
  await fleet.priceKnown('ETH', '120');
}

describe('worksteal cancel', () => {
  it('takes an entry off the broker, and says what its plan does', async () => {
    await entryWorks();
    fleet.start('work');
    const { code, out } = await worksteal('cancel', 'p_1', '--yes');
    expect(out).toMatch(/^cancel on \S+: 1 order, \$900\.00, 1 at the broker\nID +SYMBOL +WHAT/);
    expect(out).toContain('cancelled; its plan p is withdrawn');
    expect(code).toBe(0);
    expect(await fleet.book()).toMatchObject({ live: [], orders: [], outbox: 0 });
    expect(await fleet.plan('p')).toMatchObject({ stage: 'withdrawn', reason: 'cancelled_by_hand' });
    expect((await worksteal('cancel', 'p_1', '--yes')).code).toBe(0);
    await fleet.expectSound();
  });

  it('says that it waits for a worker, and the one that comes carries it out', async () => {
    await entryWorks();
    const late = await worksteal('cancel', '--all-entries', '--yes', '--timeout', '2');
    expect(late.code).toBe(1);
    expect(late.err).toContain('no worker is alive: the cancellation waits for one');
    expect(late.out).toContain('1 still open after 2 s; what was asked for stays asked');
    expect(await stateOf('p_1')).toBe('cancelling');
    fleet.start('work');
    await expect.poll(() => stateOf('p_1'), PATIENCE).toBe('cancelled');
    await expect.poll(() => stageOf('p'), PATIENCE).toBe('withdrawn');
    expect(await worksteal('cancel', '--all-entries')).toMatchObject({ code: 0 });
    await fleet.expectSound();
  });

  it('leaves an exit, unless it is asked for by name and --exits', async () => {
    await exitWorks();
    fleet.start('work');
    expect(await worksteal('cancel', '--symbol', 'eth', '--yes')).toMatchObject({ code: 0 });
    const refused = await worksteal('cancel', 'p_x1', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('p_x1 is an exit: without it the position of ETH stays open');
    expect(await stateOf('p_x1')).toBe('working');
    const done = await worksteal('cancel', 'p_x1', '--exits', '--yes');
    expect(done).toMatchObject({ code: 0 });
    expect(done.out).toContain('cancelled; its plan p places another exit after a pause');
    await fleet.expectSound();
  });

  it('asks first: without a terminal and --yes nothing is done', async () => {
    await entryWorks();
    const { code, out, err } = await worksteal('cancel', 'p_1');
    expect([code, err]).toEqual([2, expect.stringContaining('standard input is not a terminal')]);
    expect(out).toContain('p_1');
    expect(await stateOf('p_1')).toBe('working');
    expect((await worksteal('cancel', 'nobody')).code).toBe(3);
    expect((await worksteal('cancel')).code).toBe(2);
  });
});

it('worksteal withdraw ends a plan that waits and one whose entry works', async () => {
  await entryWorks();
  fleet.start('work');
  await fleet.file({ id: 'waits', symbol: 'UNI' });
  const { code, out } = await worksteal('withdraw', '--all', '--yes', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    schema: 1,
    account: fleet.account,
    by: 'alice@ops',
    confirmed: true,
    items: expect.arrayContaining([
      expect.objectContaining({ id: 'p', atBroker: true, sizeMicros: 900_000_000, state: 'done' }),
      expect.objectContaining({ id: 'waits', atBroker: false, state: 'done' }),
    ]),
  });
  expect([await stageOf('p'), await stageOf('waits')]).toEqual(['withdrawn', 'withdrawn']);
  expect(await fleet.book()).toMatchObject({ live: [], orders: [] });
  await fleet.file({ id: 'p', symbol: 'ETH' });
  expect(await stageOf('p')).toBe('withdrawn');
  await fleet.expectSound();
});

describe('worksteal close', () => {
  it('cancels the exit that rests, and closes the position at the market', async () => {
    await exitWorks();
    fleet.start('work');
    const { code, out } = await worksteal('close', 'p', '--yes');
    expect(out).toMatch(/^p +ETH +done \(closed\)$/m);
    expect(code).toBe(0);
    expect(await fleet.book()).toMatchObject({ live: [], orders: [], positions: [] });
    expect(await worksteal('close', '--all', '--yes')).toMatchObject({ code: 0 });
    await fleet.expectSound();
  });

  it('goes on at another host when the watcher dies', async () => {
    await exitWorks();
    const asked = await worksteal('close', 'p', '--yes', '--timeout', '0');
    expect(asked.code).toBe(1);
    expect(await fleet.ledger.redis.hget(key(fleet.account, 'plan:p'), 'stopped_by')).toBe('alice@ops');
    await watcher?.stop('SIGKILL');
    fleet.start('watch', 'heir');
    fleet.start('work');
    await expect.poll(() => stageOf('p'), PATIENCE).toBe('done');
    expect(await fleet.book()).toMatchObject({ live: [], positions: [] });
    await fleet.expectSound();
  });

  it('does nothing where no watcher is alive, and says so at once', async () => {
    fleet.start('keep');
    await fleet.reconciled();
    await fleet.file({ id: 'p', symbol: 'ETH' });
    const { code, err } = await worksteal('close', 'p', '--yes');
    expect([code, err]).toEqual([1, expect.stringContaining('no watcher is alive, so nobody would close')]);
    expect(await stageOf('p')).toBe('waiting');
  });

  it('leaves a position that no plan holds, and says so', async () => {
    await entryWorks();
    fleet.price('ETH', '99.9');
    await expect.poll(() => stageOf('p'), PATIENCE).toBe('done');
    const { code, out } = await worksteal('close', '--symbol', 'ETH', '--yes');
    expect(out).toContain('9 held by no unfinished plan: close it at the broker');
    expect(code).toBe(1);
  });
});

it('worksteal halt --cancel-entries stops all entries, and says what goes on', async () => {
  await entryWorks();
  fleet.start('work');
  const plain = await worksteal('halt', 'fills are late');
  expect(plain).toMatchObject({ code: 0 });
  expect(plain.out).toContain('halted by alice@ops: no entry is admitted');
  expect(plain.out).toContain('1 entry ($900.00) still works at the broker');
  const { code, out } = await worksteal('halt', 'and odd', '--cancel-entries', '--yes', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ...{ schema: 1, outcome: 'noted', by: 'alice@ops', reason: 'and odd' },
    goesOn: { entries: 1, entriesAtBroker: 1, entriesMicros: 900_000_000 },
    cancelled: { confirmed: true, items: [{ id: 'p_1', state: 'done' }] },
  });
  expect(await fleet.book()).toMatchObject({ live: [], orders: [] });
  expect((await readHalts(fleet.ledger)).map(({ reason }) => reason)).toEqual(['and odd', 'fills are late']);
  const resumed = await worksteal('resume', 'all is well', '--json');
  expect(JSON.parse(resumed.out)).toMatchObject({ outcome: 'resumed', by: 'alice@ops' });
  await fleet.expectSound();
});
