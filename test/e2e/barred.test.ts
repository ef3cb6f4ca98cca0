/** A plan that takes room in vain: the cost for others, on a fleet of real processes (decision 15). */
import { afterEach, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';

const redis = useRedis();
let fleet: Fleet;

afterEach(async () => {
  await fleet.close();
});

/** Ten orders of 100 dollars fill the cap: entered 0.6 % from their limit, so that a thief may take them. */
async function aFullFleet(settings: Parameters<typeof startFleet>[1] = {}): Promise<void> {
  fleet = await startFleet(redis.url, settings);
  fleet.start('keep');
  fleet.start('work');
  fleet.start('watch', 'w1', { WORKSTEAL_MAX_PLANS: '100' });
  await fleet.reconciled();
  for (let i = 0; i < 10; i += 1) {
    fleet.price(`V${i}`, '100.6');
    await fleet.file({ id: `good${i}`, symbol: `V${i}`, qty: '1', pnl: '5' });
  }
  await expect.poll(async () => (await fleet.book()).live.length, PATIENCE).toBe(10);
}

const field = (name: string, of: string) => fleet.ledger.redis.hget(key(fleet.account, name), of);

describe('a thief', () => {
  it('whose price leaves and comes back costs one order, not one each time', {
    timeout: 180_000,
  }, async () => {
    await aFullFleet({ cancelDelay: 300 });
    fleet.price('T1', '101');
    await fleet.file({ id: 'flap', symbol: 'T1', qty: '1', pnl: '50' });
    for (let flap = 1; flap <= 3; flap += 1) {
      fleet.price('T1', '100.2');
      if (flap === 1) await expect.poll(() => field('steal:flap_1', 'state'), PATIENCE).toBe('pending');
      else await expect.poll(() => field('refusal:flap', 'times'), PATIENCE).not.toBeNull();
      fleet.price('T1', '101');
      await expect.poll(() => field('steal:flap_1', 'outcome'), PATIENCE).toBe('unused');
      // The robbed plan comes back when the room is full again.
      await expect.poll(async () => (await fleet.book()).live.length, PATIENCE).toBe(10);
    }
    expect(await field('refusal:flap', 'reason')).toBe('barred');
    expect(await field('bar:flap', 'times')).toBe('1');
    expect((await fleet.judge()).cancels).toBe(1);
    await fleet.expectSound();
  });

  it.each([
    ['of a halted symbol', { haltedSymbols: ['T1'] }, {}],
    ['of an inactive symbol', { inactiveSymbols: ['T1'] }, {}],
    ['that may not sell short', { unshortableSymbols: ['T1'] }, { side: 'sell' }],
    ['with a price between two steps', {}, { limit: '100.005' }],
  ] as const)(
    '%s costs nobody an order, and waits until that is over',
    { timeout: 180_000 },
    async (_, faults, changes) => {
      await aFullFleet();
      await fleet.faults(faults);
      fleet.price('T1', '100.1');
      await fleet.file({ id: 'doomed', symbol: 'T1', qty: '3', pnl: '50', ...changes });
      await expect
        .poll(() => field('refusal:doomed', 'times'), PATIENCE)
        .toSatisfy((times) => Number(times) >= 3);
      expect(await field('refusal:doomed', 'reason')).toBe('untakeable');
      expect((await fleet.plan('doomed')).attempt).toBe(1);
      expect((await fleet.judge()).cancels).toBe(0);
      await fleet.expectSound();
    },
  );

  it('whose account the owner suspends costs no other order until trading resumes', {
    timeout: 180_000,
  }, async () => {
    await aFullFleet();
    await fleet.faults({ accountSays: { trade_suspended_by_user: true, trading_blocked: true } });
    await expect.poll(() => field('account', 'closed_by'), PATIENCE).toBe('broker');
    fleet.price('T1', '100.1');
    await fleet.file({ id: 'better', symbol: 'T1', qty: '1', pnl: '50' });
    await expect.poll(() => field('refusal:better', 'reason'), PATIENCE).toBe('closed');
    const times = Number(await field('refusal:better', 'times'));
    await expect
      .poll(() => field('refusal:better', 'times'), PATIENCE)
      .toSatisfy((now) => Number(now) >= times + 2);
    expect((await fleet.judge()).cancels).toBe(0);
    expect((await fleet.book()).live).toHaveLength(10);
    await fleet.faults({ accountSays: {} });
    await expect.poll(() => field('steal:better_1', 'state'), PATIENCE).toBe('granted');
    expect((await fleet.judge()).cancels).toBe(1);
    await fleet.expectSound();
  });
});
