/**
 * Plans that are filed again after a loss of the ledger continue with their orders at the broker (I6). Real
 * Redis, real exchange.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { readFilter } from '../../src/exchange/routes/order-body.ts';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { adopt } from '../../src/ledger/commands/adopt.ts';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { recall } from '../../src/ledger/commands/recall.ts';
import { readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { key } from '../../src/ledger/keys.ts';
import type { WatcherOptions } from '../../src/watcher/watcher.ts';
import { anOrder } from '../support/ledger.ts';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { world: aWorld } = watchingSuite();
let world: Watching;

/**
 * Before the loss the plan `p` came as far as its third attempt, which is live at the broker; the first two
 * were never sent.
 */
beforeEach(async () => {
  world = await aWorld();
  world.price('AAPL', '100.5');
  await atBroker('p_3', 'buy', '100');
  await recall(world.account.ledger, ['p_3']);
});

async function atBroker(id: string, side: 'buy' | 'sell', limit: string): Promise<void> {
  const answer = await world.all.broker.submit({
    id,
    symbol: 'AAPL',
    side,
    limit,
    qty: '1',
  });
  expect(answer.kind).toBe('confirmed');
}

/** Another plan holds 5 AAPL, and the ledger knows. */
async function othersHold(): Promise<void> {
  const { account, all } = world;
  await all.broker.submit({
    id: 'other',
    symbol: 'AAPL',
    side: 'buy',
    limit: '100',
    qty: '5',
  });
  for (let seen = 0; seen < 2; seen += 1) {
    await account.advanceHealth(1);
    await account.sync('1000', [
      { symbol: 'AAPL', side: 'long', qty: '5', costMicros: 500_000_000, pool: '' },
    ]);
  }
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

  it('takes its order back from those that were found at the broker', async () => {
    const { account, all } = world;
    const at = await all.broker.order('p_3');
    if (at.kind !== 'found') throw new Error('the broker has p_3');
    const { brokerId, symbol, side, qty, filledQty } = at.order;
    const found = {
      id: 'p_3',
      brokerId,
      symbol,
      side,
      limit: at.order.limit ?? '',
      qty,
      filledQty,
      filledMicros: 0,
      pool: '',
      reducing: false,
    };
    expect(await adopt(account.ledger, found, account.healthMs())).toBe('adopted');
    world.host('one');
    await world.file({ id: 'p' });
    await world.reached('p', 'entering', 3);
    await expect
      .poll(async () => await account.order('p_3'))
      .toMatchObject({ kind: 'entry', plan: 'p', state: 'working' });
    await account.expectSound();
    expect(accepted()).toEqual(['p_3']);
  });

  it('has held what its entry filled since the broker filled it, not since it was found', async () => {
    const { account, all } = world;
    await setClock(account.ledger, { mode: 'real' });
    await sync(account.ledger, 1_000_000_000, (await readClock(account.ledger)).healthMs, []);
    const anHourAgo = async (id: string) => {
      const answer = await all.broker.order(id);
      if (answer.kind !== 'found' || answer.nowMs === undefined || answer.order.filledAtMs === undefined)
        return answer;
      expect(Math.abs(answer.nowMs - answer.order.filledAtMs)).toBeLessThan(10_000);
      return { ...answer, order: { ...answer.order, filledAtMs: answer.nowMs - 3_600_000 } };
    };
    world.price('AAPL', '100');
    const { broker: real } = all;
    const broker: WatcherOptions['broker'] = {
      order: anHourAgo,
      quotes: (symbols, signal, onUnpriced) => real.quotes(symbols, signal, onUnpriced),
      orderByBrokerId: (id, signal) => real.orderByBrokerId(id, signal),
      positions: (signal) => real.positions(signal),
      calendar: (...dates) => real.calendar(...dates),
    };
    world.host('one', { broker });
    await world.file({ id: 'p', takeProfit: '', holdMs: 3_600_000 });
    // Its exit may have filled by the time of a look.
    const exits = async (): Promise<string> => {
      const { stage, attempt } = await world.plan('p');
      return `${stage} ${attempt}`;
    };
    await expect.poll(exits, { timeout: 60_000 }).toMatch(/^(exiting|done) 3$/);
  });

  it('does not take its order for unsent when the ledger lost the mark and the broker has it', async () => {
    const { account } = world;
    await account.admit(anOrder('q_1').of('AAPL').at('100').qty('1'), 1);
    await account.advanceHealth(2);
    await account.sync('1000');
    await atBroker('q_1', 'buy', '100');
    const before = accepted();
    world.host('one');
    await world.file({ id: 'q' });
    await world.reached('q', 'entering', 1);
    world.price('AAPL', '100');
    await world.order('q_x1', 'working');
    expect(accepted()).toEqual([...before, 'q_x1']);
  });

  it('believes nothing of the sort while the ledger is not reconciled on this server', async () => {
    const { account } = world;
    await account.admit(anOrder('q_1').of('AAPL').at('100').qty('1'), 1);
    await account.advanceHealth(2);
    const host = world.host('one');
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another');
    await world.file({ id: 'q' });
    await world.reached('q', 'entering', 1);
    await expect
      .poll(() => JSON.stringify(host.lines).includes('the ledger may have lost that it was sent'), {
        timeout: 60_000,
      })
      .toBe(true);
    expect(await world.plan('q')).toMatchObject({ stage: 'entering', attempt: 1 });
  });

  it('gives nothing back that it may have sent, until the ledger is reconciled on this server', async () => {
    const { account } = world;
    await account.admit(anOrder('q_1').of('AAPL').at('100').qty('1').by('one').plan('q'));
    await account.ledger.redis.hset(key(account.name, 'account'), 'server_id', 'another');
    const host = world.host('one');
    await world.file({ id: 'q' });
    await world.reached('q', 'entering', 1);
    world.price('AAPL', '110');
    const log = (): string => JSON.stringify(host.lines);
    await expect
      .poll(async () => (await world.plan('q')).attempt > 1 || log().includes('it may have been sent'), {
        timeout: 30_000,
      })
      .toBe(true);
    expect(await world.plan('q')).toMatchObject({ stage: 'entering', attempt: 1 });
    expect(await account.order('q_1')).toMatchObject({ state: 'reserved' });
  });

  it('is done when all of it was done before', async () => {
    world.price('AAPL', '100');
    await othersHold();
    await atBroker('p_x2', 'sell', '100.4');
    world.price('AAPL', '100.4');
    await recall(world.account.ledger, ['p_3', 'p_x2']);
    world.host('one');
    await world.file({ id: 'p' });
    await world.reached('p', 'done');
    expect(accepted()).toEqual(['p_3', 'other', 'p_x2']);
    expect(await world.plan('p')).toMatchObject({ attempt: 3, exitAttempt: 2, reason: 'closed' });
    expect(await world.all.broker.positions()).toMatchObject([{ qty: '5' }]);
  });

  it('does not count its only exit a second time', async () => {
    const { account } = world;
    world.price('AAPL', '100');
    await othersHold();
    await atBroker('p_x1', 'sell', '100.4');
    world.price('AAPL', '100.4');
    await recall(account.ledger, ['p_3', 'p_x1']);
    world.host('one');
    await world.file({ id: 'p' });
    await world.reached('p', 'done');
    expect(await world.plan('p')).toMatchObject({ exitAttempt: 1, reason: 'closed' });
    expect(await readLedgerOrder(account.ledger, 'p_x1')).toBeUndefined();
  });
});
