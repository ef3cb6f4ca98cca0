/**
 * A thousand plans on four hosts lack room, and there is room for one at a time (docs/rules.md, 4.9): the
 * best takes it, and the others do not ask. TURN_ROUNDS sets how often room comes free.
 */
import { expect, it } from 'vitest';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { withdrawPlan } from '../../src/ledger/commands/plans.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { key } from '../../src/ledger/keys.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world } = watchingSuite();

const PLANS = 1_000;
const ROUNDS = Number(process.env['TURN_ROUNDS'] ?? 25);
const MOST_TRIES = 8;

it('of a thousand plans the best takes the free room, in a few tries', { timeout: 180_000 }, async () => {
  const { account, price, file, host, order, plan } = await world();
  const { redis } = account.ledger;
  // Turns end in real time here, and rules' times do not stand still.
  await setClock(account.ledger, { mode: 'real' });
  await redis.hset(key(account.name, 'account'), 'synced_at_ms', '0');
  await sync(account.ledger, 1_000_000_000, (await readClock(account.ledger)).nowMs, []);
  price('AAPL', '100.3');
  await file({ id: 'first', qty: '10', pnl: '5', takeProfit: '' });
  const hosts = ['one', 'two', 'three', 'four'].map((name) => host(name, { maxPlans: PLANS / 4 + 1 }));
  await order('first_1', 'working');
  // Each one's forecast differs; all are near enough to steal, and find nobody to take room from.
  for (let at = 0; at < PLANS; at += 1) await file({ id: `p${at}`, qty: '10', pnl: `${(at * 7) % PLANS}` });
  const waiting = () => redis.zcard(key(account.name, 'waiting'));
  await expect.poll(waiting, { timeout: 90_000 }).toBe(PLANS);

  const refusals = () => hosts.reduce((sum, { lines }) => sum + lines.filter(isRefusal).length, 0);
  let holder = 'first';
  const tries: number[] = [];
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = (await redis.zrange(key(account.name, 'waiting'), 0, '0'))[0]?.slice(16) ?? '';
    const before = refusals();
    await withdrawPlan(account.ledger, holder, 'test');
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(PLANS - 1 - round);
    const entered =
      (await plan(next)).stage !== 'waiting' || (await redis.exists(key(account.name, `order:${next}_1`)));
    if (entered) best += 1;
    else process.stderr.write(`turns: ${next} was not the one that entered\n`);
    if (entered) await order(`${next}_1`, 'working');
    tries.push(refusals() - before + 1);
    holder = next;
    if (!entered) break;
  }
  process.stderr.write(
    `turns: the best in ${best} of ${ROUNDS}; tries a room: at most ${Math.max(...tries)}\n`,
  );
  expect(best).toBeGreaterThanOrEqual(Math.floor(ROUNDS * 0.99));
  expect(Math.max(...tries)).toBeLessThanOrEqual(MOST_TRIES);
  await account.expectSound();
});

function isRefusal({ msg }: { msg: string }): boolean {
  return msg.startsWith('AAPL: refused');
}
