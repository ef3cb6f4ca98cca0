/** `worksteal watch` as a process serves its metrics, including its plans by tier, until it ends. */
import { afterEach, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';

const redis = useRedis();
let fleet: Fleet | undefined;

afterEach(async () => {
  await fleet?.close();
});

const SERVED = /^metrics: served at (http:\S+)$/;

it('a watcher serves what it carries, where its log says', async () => {
  fleet = await startFleet(redis.url);
  fleet.price('V0', '150');
  fleet.price('T0', '100.2');
  await fleet.file({ id: 'far', symbol: 'V0' });
  await fleet.file({ id: 'near', symbol: 'T0' });
  const watch = fleet.start('watch', 'w1', { WORKSTEAL_METRICS_PORT: '0', WORKSTEAL_MAX_PLANS: '5' });
  await watch.until('it tells where', ({ lines }) => lines.some(({ msg }) => SERVED.test(msg)));
  const url = watch.lines.map(({ msg }) => SERVED.exec(msg)?.[1]).find((found) => found !== undefined) ?? '';
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
