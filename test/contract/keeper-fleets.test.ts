/**
 * Two fleets on one account, each with its own Redis: both notice and close (I1). Orders placed by hand, and
 * orders that a lost ledger forgot, must not close an account.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { detectOtherFleet } from '../../src/keeper/other-fleets.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { readClosures, reopen } from '../../src/ledger/commands/closures.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Stage, sendToBroker, startStage, until } from '../support/keeper.ts';
import { startPrivateRedis } from '../support/redis.ts';

const MILLION = 1_000_000;

let servers: Awaited<ReturnType<typeof startPrivateRedis>>[];
let one: Stage;
let two: Stage;
beforeAll(async () => {
  servers = [await startPrivateRedis(), await startPrivateRedis()];
});
afterAll(async () => {
  for (const server of servers) await server.close();
});
beforeEach(async () => {
  const [here, there] = servers.map(({ url }) => url) as [string, string];
  one = await startStage(
    here,
    { equity: '1000', leverage: '1', buyingPower: false },
    { WORK_STEALING_LEVERAGE: '1' },
  );
  two = await startStage(there, {}, { WORK_STEALING_LEVERAGE: '1' });
});
afterEach(async () => {
  await one.close();
  await two.close();
});

async function opened(stage: Stage): Promise<void> {
  await until(
    'open',
    async () => (await stage.ledger.redis.hget(key(stage.account, 'account'), 'synced_at_ms')) !== null,
  );
}
const causes = async (stage: Stage) => (await readClosures(stage.ledger)).map(({ cause }) => cause);
const closed = (stage: Stage) => until('closed', async () => (await causes(stage)).includes('fleet'));

async function bothKept(): Promise<void> {
  await one.keeper();
  await two.keeper({ broker: one.broker });
  await opened(one);
  await opened(two);
}

/** As a coordinator of that fleet does. */
async function send(stage: Stage, id: string, limit = '100', qty = '3'): Promise<void> {
  const wish = stage.wish(id, { limit, qty });
  expect(await admit(stage.ledger, wish, 60_000)).toMatchObject({ outcome: 'fits' });
  expect(await submit(stage.ledger, id, 60_000)).toEqual({ outcome: 'send' });
  await sendToBroker(one.broker, wish);
}

describe('Two fleets on one account', () => {
  it("each close their account at the other's first order, which counts, until it is reopened", async () => {
    await bothKept();
    await send(one, 'p1_1');
    await closed(two);
    expect((await readClosures(two.ledger))[0]?.words).toBe(
      "order p1_1 (AAPL) has an id of this fleet's form, but this ledger did not make it: " +
        'does another fleet trade on the account?',
    );
    expect(await admit(two.ledger, two.wish('p2_1', { qty: '3' }), 60_000)).toMatchObject({
      outcome: 'closed',
    });
    await until('it counts', async () => (await two.used()) === 300 * MILLION);
    expect(await causes(one)).toEqual([]);
    await reopen(two.ledger, 'fleet');
    await send(two, 'p2_1');
    await closed(one);
    expect(await causes(two)).toEqual([]);
  });

  it('notice an order that filled at once', async () => {
    await bothKept();
    await send(one, 'p1_1', '120');
    await closed(two);
  });
});

describe('One fleet alone is not closed by', () => {
  it('orders placed by hand, whatever their id', async () => {
    await bothKept();
    for (const id of ['by-hand', 'mine: 1/2', 'b7c1d2aa-0000-4000-8000-000000000001', 'hand-1'])
      await sendToBroker(one.broker, one.wish(id, { qty: '1' }));
    await until(
      'all count',
      async () => (await one.used()) === 400 * MILLION && (await two.used()) === 400 * MILLION,
    );
    expect([await causes(one), await causes(two)]).toEqual([[], []]);
  });

  it('its own orders, after its ledger was wiped', async () => {
    await one.keeper();
    await opened(one);
    await send(one, 'p1_1');
    await until('works', async () => (await one.order('p1_1'))?.state === 'working');
    await one.ledger.redis.flushall();
    await until('rebuilt', async () => (await one.order('p1_1'))?.kind === 'external');
    await opened(one);
    await send(one, 'p1_2', '100', '1');
    await until('works', async () => (await one.order('p1_2'))?.state === 'working');
    expect(await causes(one)).toEqual([]);
  });

  it('its own ended orders, reported again after its ledger was wiped', async () => {
    await one.keeper();
    await opened(one);
    await send(one, 'p1_1', '120');
    await until('filled', async () => (await one.order('p1_1'))?.state === 'filled');
    await one.ledger.redis.flushall();
    await until(
      'rebuilt',
      async () => (await one.ledger.redis.hget(key(one.account, 'attempts'), 'p1_')) === '1',
    );
    await opened(one);
    expect(await detectOtherFleet(one.ledger, [{ id: 'p1_1', symbol: 'AAPL' }])).toBeUndefined();
    expect(await detectOtherFleet(one.ledger, [{ id: 'p1_2', symbol: 'AAPL' }])).toBe('p1_2');
  });

  it("an order of a known plan, although the order's record was lost", async () => {
    await one.keeper();
    await opened(one);
    await one.ledger.redis.hset(key(one.account, 'plan:p1'), 'attempt', '2');
    await sendToBroker(one.broker, one.wish('p1_2', { qty: '1' }));
    await until('it counts', async () => (await one.used()) === 100 * MILLION);
    expect(await causes(one)).toEqual([]);
    await sendToBroker(one.broker, one.wish('p1_3', { qty: '1' }));
    await closed(one);
  });
});
