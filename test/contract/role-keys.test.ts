/**
 * A role without keys, with refused keys, or with another account's keys does not work, and says so in one
 * sentence.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';

// Several starts of real processes each.
vi.setConfig({ testTimeout: 60_000 });

const redis = useRedis();
let fleet: Fleet;
afterEach(() => fleet.close());

const KEYS = { key: 'k', secret: 's' };
const says = (role: RoleProcess, words: RegExp | string): Promise<void> =>
  role.until(String(words), ({ lines }) =>
    lines.some(({ msg }) => (typeof words === 'string' ? msg.includes(words) : words.test(msg))),
  );
/** What the host says of itself: why it stands aside. */
const troubleOf = (host: string) => fleet.ledger.redis.hget(key(fleet.account, `host:${host}`), 'trouble');

it.each(['watch', 'work', 'keep', 'serve'] as const)(
  'worksteal %s starts neither without keys nor with those that the broker refuses',
  async (role) => {
    fleet = await startFleet(redis.url, KEYS);
    const none = fleet.start(role, 'none', { APCA_API_KEY_ID: '', APCA_API_SECRET_KEY: ' ' });
    const wrong = fleet.start(role, 'wrong', { APCA_API_SECRET_KEY: 'wrong' });
    expect(await none.ended()).toBe(2);
    await says(none, 'APCA_API_KEY_ID: is missing; the broker at 127.0.0.1:');
    await says(none, 'APCA_API_SECRET_KEY: is missing');
    expect(await wrong.ended()).toBe(1);
    await says(
      wrong,
      'worksteal: the broker does not accept the keys: GET /v2/account was refused with 401: request ' +
        'is not authorized',
    );
  },
);

describe('The keys of another account', () => {
  // Accounts of their own: the first one's keeper may still claim its account while the second one starts.
  it.each([
    ['watch', 'A1', 'A2'],
    ['work', 'A7', 'A8'],
  ] as const)('keep worksteal %s from starting', async (role, kept, others) => {
    const accounts = `${kept}:k:s,${others}:k2:s2`;
    fleet = await startFleet(redis.url, { accounts }, `other-${role}`);
    fleet.start('keep');
    await fleet.reconciled();
    const one = fleet.start(role, 'h', { APCA_API_KEY_ID: 'k2', APCA_API_SECRET_KEY: 's2' });
    expect(await one.ended()).toBe(1);
    await says(
      one,
      `worksteal: the keys are of account ${others}, the ledger other-${role} is kept for account ${kept}`,
    );
  });

  it('make a watcher stand aside that began before the ledger was kept for any', async () => {
    fleet = await startFleet(redis.url, { accounts: 'A3:k:s,A4:k2:s2' });
    fleet.start('watch', 'h', { APCA_API_KEY_ID: 'k2', APCA_API_SECRET_KEY: 's2' });
    await expect.poll(() => troubleOf('h'), PATIENCE).toBe('');
    fleet.start('keep');
    await expect
      .poll(() => troubleOf('h'), PATIENCE)
      .toBe(`the keys are of account A4, the ledger ${fleet.account} is kept for account A3`);
  });
});

it('a second name for the same account does not start, and the error names the first', async () => {
  fleet = await startFleet(redis.url, { accountNumber: 'A5' });
  fleet.start('keep');
  await fleet.reconciled();
  for (const role of ['keep', 'watch'] as const) {
    const other = fleet.start(role, `other-${role}`, { WORKSTEAL_ACCOUNT: 'second' });
    expect(await other.ended()).toBe(1);
    await says(other, `worksteal: A5 is kept as account ${fleet.account} on this Redis`);
  }
});

describe('Keys that the broker refuses later', () => {
  it('make the watcher hand its plans back, and take them again when it accepts them', async () => {
    fleet = await startFleet(redis.url, KEYS);
    fleet.start('keep');
    const watch = fleet.start('watch', 'w');
    await fleet.reconciled();
    fleet.price('ETH', '150');
    await fleet.file({ id: 'p', symbol: 'ETH' });
    await expect.poll(async () => (await fleet.plan('p')).owner, PATIENCE).toBe('w');
    await fleet.faults({ rejectKeys: 401 });
    await expect.poll(async () => (await fleet.plan('p')).owner, PATIENCE).toBe('');
    await says(
      watch,
      /^standing aside, what this process held was handed back: the broker does not accept the keys/,
    );
    await expect
      .poll(() => troubleOf('w'), PATIENCE)
      .toMatch(/^the broker does not accept the keys: GET \/v2\/account was refused with 401/);
    await fleet.faults({ rejectKeys: null });
    await expect.poll(async () => (await fleet.plan('p')).owner, PATIENCE).toBe('w');
    await expect.poll(() => troubleOf('w'), PATIENCE).toBe('');
  });

  it('make the keeper stand down for one whose keys are accepted', async () => {
    fleet = await startFleet(redis.url, { accounts: 'A6:k:s' });
    const first = fleet.start('keep', 'first');
    await fleet.reconciled();
    fleet.start('keep', 'second');
    await fleet.faults({ rejectKeys: 403 });
    await says(first, /^keeper: standing down/);
    await expect.poll(() => troubleOf('first'), PATIENCE).toMatch(/403: forbidden/);
    await fleet.faults({ rejectKeys: null });
    await fleet.reconciled();
  });

  it('make the worker give its jobs to others', async () => {
    fleet = await startFleet(redis.url, KEYS);
    fleet.start('keep');
    await fleet.reconciled();
    const work = fleet.start('work', 'w');
    await says(work, /^work: taking cancellations/);
    await fleet.file({ id: 'p', symbol: 'ETH' });
    const watch = fleet.start('watch', 'x');
    fleet.price('ETH', '100.3');
    await expect.poll(async () => (await fleet.order('p_1'))?.state, PATIENCE).toBe('working');
    await fleet.faults({ rejectKeys: 401 });
    await fleet.withdraw('p');
    await says(watch, /^standing aside/);
    await fleet.faults({ rejectKeys: null });
    await expect.poll(async () => (await fleet.order('p_1'))?.state, PATIENCE).toBe('cancelled');
  });
});
