/** Roles as processes serve their metrics until they end; of keepers, the active one those of the book. */
import { afterEach, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';

const redis = useRedis();
let fleet: Fleet | undefined;

afterEach(async () => {
  await fleet?.close();
});

const SERVED = /^metrics: served at (http:\S+)$/;

/** Where a role serves its metrics, as its log says. */
async function addressOf(role: RoleProcess): Promise<string> {
  await role.until('it tells where', ({ lines }) => lines.some(({ msg }) => SERVED.test(msg)));
  return role.lines.map(({ msg }) => SERVED.exec(msg)?.[1]).find((found) => found !== undefined) ?? '';
}

it('a watcher serves what it carries, where its log says', async () => {
  fleet = await startFleet(redis.url);
  fleet.price('V0', '150');
  fleet.price('T0', '100.2');
  await fleet.file({ id: 'far', symbol: 'V0' });
  await fleet.file({ id: 'near', symbol: 'T0' });
  const watch = fleet.start('watch', 'w1', { WORKSTEAL_METRICS_PORT: '0', WORKSTEAL_MAX_PLANS: '5' });
  const url = await addressOf(watch);
  const numbers = async () => {
    const text = await (await fetch(url)).text();
    const told = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      );
    return {
      normal: told('worksteal_plans{tier="normal"}'),
      gate: told('worksteal_plans{tier="gate"}'),
      held: told('worksteal_plans_held'),
      // No keeper runs, so the one that is near enough to enter is refused.
      refused: told('worksteal_admissions_total{result="refused",reason="unsynced"}') > 0,
      timed: told('worksteal_admit_seconds_count') > 0,
    };
  };
  await expect.poll(numbers, PATIENCE).toEqual({ normal: 2, gate: 1, held: 2, refused: true, timed: true });
  expect(await watch.stop()).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

it('the active keeper alone tells of the book, and the next one after its death', async () => {
  fleet = await startFleet(redis.url);
  const metered = { WORKSTEAL_METRICS_PORT: '0' };
  const first = fleet.start('keep', 'k1', metered);
  await fleet.reconciled();
  const second = fleet.start('keep', 'k2', metered);
  const urls = [await addressOf(first), await addressOf(second)];
  const tells = async (url = ''): Promise<boolean> =>
    (await (await fetch(url)).text()).includes('\nworksteal_cap_dollars{pool="total"} 1000\n');
  await expect.poll(() => tells(urls[0]), PATIENCE).toBe(true);
  const standby = await (await fetch(urls[1] ?? '')).text();
  expect(standby).toContain('\nworksteal_keeper_active 0\n');
  expect(standby).toMatch(/^process_cpu_seconds_total /m);
  expect(standby).not.toMatch(/^worksteal_(cap_dollars|admitting|orders|hosts)\b/m);
  await first.stop('SIGKILL');
  await expect.poll(() => tells(urls[1]), PATIENCE).toBe(true);
});
