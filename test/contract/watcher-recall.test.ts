/** Plans that are filed again after the ledger was lost go on with what the broker has of them (I6): real Redis, real exchange. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFilter } from '../../src/exchange/routes/order-body.ts';
import { recall } from '../../src/ledger/commands/recall.ts';
import { type TestLedgers, testLedgers } from '../support/ledger.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Watching, watching } from '../support/watching.ts';

let redis: TestRedis;
let ledgers: TestLedgers;
let world: Watching;

beforeAll(async () => {
  redis = await startRedis();
  ledgers = testLedgers(redis.url);
});
/** Before the loss the plan `p` came as far as its third attempt, which is live at the broker; the first two were never sent. */
beforeEach(async () => {
  world = await watching(redis.url, await ledgers.account());
  world.price('AAPL', '100.5');
  await atBroker('p_3', 'buy', '100');
  await recall(world.account.ledger, ['p_3']);
});
afterEach(() => world.close());
afterAll(async () => {
  await ledgers.close();
  await redis.close();
});

async function atBroker(id: string, side: 'buy' | 'sell', limit: string): Promise<void> {
  const answer = await world.all.broker.submit({ id, symbol: 'AAPL', side, limit, qty: '1', timeInForce: 'day' });
  expect(answer.kind).toBe('confirmed');
}

/** Every order that the exchange ever took, by its client id. */
const accepted = (): string[] =>
  world.exchange.exchange.book
    .list(readFilter({ status: 'all', direction: 'asc' }, world.exchange.exchange.book))
    .map(({ clientId }) => clientId);

describe('a plan that is filed again', () => {
  it('goes on with its live order instead of a second one, and exits what that fills', async () => {
    world.host('one');
    await world.file({ id: 'p' });
    await world.reached('p', 'entering', 3);
    world.price('AAPL', '100');
    await world.order('p_x1', 'working');
    expect(accepted()).toEqual(['p_3', 'p_x1']);
  });

  it('is done when all of it was done before', async () => {
    world.price('AAPL', '100');
    await atBroker('p_x2', 'sell', '100.4');
    world.price('AAPL', '100.4');
    await recall(world.account.ledger, ['p_3', 'p_x2']);
    world.host('one');
    await world.file({ id: 'p' });
    await world.reached('p', 'done');
    expect(accepted()).toEqual(['p_3', 'p_x2']);
    expect(await world.plan('p')).toMatchObject({ attempt: 3, exitAttempt: 2, reason: 'closed' });
    expect(await world.all.broker.positions()).toEqual([]);
  });
});
