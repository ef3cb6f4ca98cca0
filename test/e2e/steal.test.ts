/**
 * Steals across real processes: each plan on its own host, a worker, a keeper, and the exchange as the judge.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { EMPTY_BOOK, type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';

const redis = useRedis();
let fleet: Fleet;
let worker: RoleProcess;
let thiefHost: RoleProcess;
let victimHost: RoleProcess;

/**
 * The victim's order fills the account and is far from its limit; then the thief's plan comes, better and
 * near.
 */
beforeEach(async () => {
  fleet = await startFleet(redis.url);
  fleet.start('keep');
  worker = fleet.start('work');
  victimHost = fleet.start('watch', 'victims');
  fleet.price('ETH', '100.5');
  fleet.price('UNI', '100.2');
  await fleet.file({ id: 'worse', symbol: 'ETH', pnl: '1' });
  await expect.poll(() => fleet.order('worse_1'), PATIENCE).toMatchObject({ state: 'working' });
  fleet.price('ETH', '110');
  await fleet.priceKnown('ETH', '110');
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
  await fleet.close();
});

async function sendThief(): Promise<void> {
  await fleet.file({ id: 'better', symbol: 'UNI', pnl: '2.5' });
  thiefHost = fleet.start('watch', 'thieves');
}

describe('across real processes', () => {
  it('a better plan takes the room of a worse one on another host, which goes back to waiting', async () => {
    await sendThief();
    await expect
      .poll(() => fleet.book(), PATIENCE)
      .toEqual({ ...EMPTY_BOOK, live: ['better_1'], orders: ['better_1 working'] });
    await expect
      .poll(() => fleet.plan('worse'), PATIENCE)
      .toMatchObject({ stage: 'waiting', attempt: 2, owner: 'victims' });
    expect(await fleet.plan('better')).toMatchObject({ stage: 'entering', attempt: 1, owner: 'thieves' });
    expect(await fleet.order('worse_1')).toMatchObject({
      state: 'cancelled',
      robbedBy: 'better_1',
      reason: 'stolen',
    });
    expect((await fleet.judge()).cancelRequests.map(({ id }) => id)).toEqual(['worse_1']);
    await fleet.expectSound();
    const said = (role: RoleProcess) => role.lines.map(({ msg }) => msg);
    expect(said(thiefHost)).toContain('Work steal: UNI (PnL=2.50) stealing from ETH (PnL=1.00)');
    await victimHost.until('it tells who robbed it', () =>
      said(victimHost).includes(
        'ETH (PnL=1) was robbed by UNI (PnL=2.5), which is better and closer to its limit; back to waiting',
      ),
    );
  });

  it('a steal fails, and its thief learns it, when the victim fills while being cancelled', async () => {
    await fleet.faults({ stickCancels: 1 });
    await sendThief();
    await expect.poll(() => fleet.order('worse_1'), PATIENCE).toMatchObject({ state: 'cancelling' });
    await expect.poll(async () => (await fleet.judge()).cancelRequests.length, PATIENCE).toBe(1);
    fleet.price('ETH', '99');
    await expect.poll(() => fleet.plan('worse'), PATIENCE).toMatchObject({ stage: 'done', reason: 'filled' });
    await expect.poll(() => fleet.plan('better'), PATIENCE).toMatchObject({ stage: 'waiting', attempt: 2 });
    await expect.poll(() => fleet.book(), PATIENCE).toEqual({ ...EMPTY_BOOK, positions: ['ETH 9'] });
    expect(thiefHost.lines.map(({ msg }) => msg)).toContain('UNI: its steal failed');
    await fleet.expectSound();
  });

  it('a victim that was changed by hand is cancelled, and its thief gets the room', async () => {
    expect(await worker.stop()).toBe(0);
    await sendThief();
    await expect
      .poll(() => fleet.order('worse_1'), PATIENCE)
      .toMatchObject({ state: 'cancelling', robbedBy: 'better_1' });
    const replacing = await fleet.person.change('worse_1', { limit_price: '99' });
    await expect
      .poll(() => fleet.order('worse_1'), PATIENCE)
      .toMatchObject({ state: 'cancelling', limit: '99', amended: true });
    fleet.start('work', 'another');
    await expect
      .poll(() => fleet.book(), PATIENCE)
      .toEqual({ ...EMPTY_BOOK, live: ['better_1'], orders: ['better_1 working'] });
    expect(await fleet.order('worse_1')).toMatchObject({ state: 'cancelled', robbedBy: 'better_1' });
    expect((await fleet.judge()).cancelRequests.map(({ id }) => id)).toEqual([replacing]);
    await fleet.expectSound();
  });

  it('a host that is stopped returns its plan, and the order stays for the next host', async () => {
    expect(await victimHost.stop()).toBe(0);
    expect(await fleet.order('worse_1')).toMatchObject({ state: 'working' });
    fleet.start('watch', 'next');
    await expect
      .poll(() => fleet.plan('worse'), PATIENCE)
      .toMatchObject({ stage: 'entering', attempt: 1, owner: 'next' });
    expect(await fleet.book()).toEqual({ ...EMPTY_BOOK, live: ['worse_1'], orders: ['worse_1 working'] });
    await fleet.expectSound();
  });
});
