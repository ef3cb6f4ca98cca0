/**
 * A lost ledger admits nothing until it counts again what the broker holds (I7, I8). Each test has its own
 * Redis.
 */

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerOrder } from '../../src/broker/port.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { readValues, type Values } from '../../src/inspection/reading.ts';
import { auditEveryMs, lookForFaults } from '../../src/keeper/chores.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { readClosures } from '../../src/ledger/commands/closures.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { claimPlans, filePlan, notePlan, type Plan } from '../../src/ledger/commands/plans.ts';
import { resume } from '../../src/ledger/commands/resume.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { readEvent } from '../../src/ledger/events.ts';
import { readHalts, reasonsInForce } from '../../src/ledger/halts.ts';
import { key, keyPrefix } from '../../src/ledger/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { lossWait } from '../../src/ledger/loss-wait.ts';
import type { EmbeddedRedis } from '../../src/redis/embedded.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { type Stage, sendToBroker, startStage, type TestKeeper, until } from '../support/keeper.ts';
import { startPrivateRedis } from '../support/redis.ts';

const MILLION = 1_000_000;

const aPlan = (id: string): Plan => ({
  ...{
    id,
    symbol: 'AAPL',
    side: 'buy',
    mode: 'normal',
    limit: '10',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  },
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: '' },
});

let redis: EmbeddedRedis;
let stage: Stage;
beforeEach(async () => {
  redis = await startPrivateRedis();
  stage = await startStage(redis.url);
});
afterEach(async () => {
  await stage.close();
  await redis.close();
});

const syncedAt = async () =>
  Number((await stage.ledger.redis.hget(key(stage.account, 'account'), 'synced_at_ms')) ?? 0);
const opened = () => until('the account is open', async () => (await syncedAt()) > 0);
const stateIs = (id: string, state: string) =>
  until(`${id} is ${state}`, async () => (await stage.order(id))?.state === state);

/** A position with an exit on it, a working entry, and an order placed by hand. */
async function aBusyAccount(): Promise<void> {
  await stage.send(stage.wish('filled', { limit: '120' }));
  await stateIs('filled', 'filled');
  await stage.send(stage.wish('exit', { kind: 'exit', side: 'sell', limit: '130' }));
  await stage.send(stage.wish('entry', { symbol: 'MSFT', qty: '5' }));
  await sendToBroker(stage.broker, stage.wish('by-hand', { symbol: 'BTCUSD', qty: '2' }));
  for (const id of ['exit', 'entry', 'by-hand']) await stateIs(id, 'working');
  await stage.agrees();
}

describe('A halt', () => {
  const state = async () => stage.ledger.redis.hget(key(stage.account, 'account'), 'state');
  const isHalted = () => until('it is halted', async () => (await state()) === 'halted');

  it('outlives a wiped ledger, and ends with a resume', async () => {
    const keeper = await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    await halt(stage.ledger, 'stop_everything');
    expect((await admit(stage.ledger, stage.wish('a', { qty: '1' }), 60_000)).outcome).toBe('halted');
    await stage.ledger.redis.flushall();
    await until('it was rebuilt', () => keeper.report()?.rebuilt === 2);
    expect((await admit(stage.ledger, stage.wish('a', { qty: '1' }), 60_000)).outcome).toBe('halted');
    await resume(stage.ledger, 'again');
    await until(
      'it admits',
      async () => (await admit(stage.ledger, stage.wish('b', { qty: '1' }), 60_000)).outcome === 'fits',
    );
  });

  it('outlives it with every reason, and who gave them when', async () => {
    const keeper = await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    await halt(stage.ledger, 'stop_everything', 'alice@ops');
    await halt(stage.ledger, 'fills are odd', 'bob@ops');
    const before = reasonsInForce(await readHalts(stage.ledger));
    const rounds = keeper.report()?.reconciles ?? 0;
    // By their events: it reads the halt itself only once per second.
    await until('the keeper knows', async () => (keeper.report()?.reconciles ?? 0) > rounds + 4);
    await stage.ledger.redis.flushall();
    await until('it was rebuilt', () => keeper.report()?.rebuilt === 2);
    expect(before).toMatchObject([{ by: 'alice@ops' }, { by: 'bob@ops', reason: 'fills are odd' }]);
    await until('both are on record again', async () => (await readHalts(stage.ledger)).length === 2);
    expect(reasonsInForce(await readHalts(stage.ledger))).toEqual(before);
  });

  it('is known at once to a keeper that stands by, though the active one dies with the ledger', async () => {
    const { redis: client } = stage.ledger;
    const active = await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    await active.stop();
    const election = key(stage.account, 'keeper');
    await client.set(election, 'the dead one', 'PX', 60_000);
    await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await until('it follows the events', async () =>
      String(await client.client('LIST')).includes('cmd=xread'),
    );
    await halt(stage.ledger, 'stop_everything');
    await client.flushall();
    await isHalted();
  });

  it('outlives a failover to a copy from before it', async () => {
    const keeper = await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    await halt(stage.ledger, 'stop_everything');
    await isHalted();
    await until('the keeper knows', async () => (keeper.report()?.reconciles ?? 0) > 2);
    await stage.ledger.redis.hset(
      key(stage.account, 'account'),
      'state',
      'running',
      'server_id',
      'another:0',
    );
    await until('it was rebuilt', () => keeper.report()?.rebuilt === 2);
    expect(await state()).toBe('halted');
  });
});

describe('A damaged ledger', () => {
  it.each([
    [
      'an order lost its record',
      async (name: string) => void (await stage.ledger.redis.del(`${name}order:entry`)),
    ],
    [
      'the list of live orders is something else',
      async (name: string) => void (await stage.ledger.redis.set(`${name}live`, 'odd')),
    ],
    [
      'the account is something else',
      async (name: string) => void (await stage.ledger.redis.set(`${name}account`, 'odd')),
    ],
    [
      'a sum is no number',
      async (name: string) =>
        void (await stage.ledger.redis.hset(`${name}account`, 'orders_micros:total', 'x')),
    ],
  ])('where %s: it is closed, rebuilt from the broker, and open again', async (_, damage) => {
    const keeper = await stage.keeper({ leaseMs: 400, inFlightMs: 600 });
    await opened();
    await aBusyAccount();
    const before = await stage.used();
    await damage(keyPrefix(stage.account));
    await until('it was rebuilt', () => keeper.report()?.rebuilt === 2);
    expect(
      (await admit(stage.ledger, stage.wish('next', { symbol: 'NEXT', qty: '1' }), 60_000)).outcome,
    ).toBe('fits');
    expect((await stage.used()) - 100 * MILLION).toBe(before);
    expect(await readClosures(stage.ledger)).toEqual([]);
  });

  it('where a list is gone and no command fails over it: the audit finds it', async () => {
    await stage.keeper();
    await opened();
    await aBusyAccount();
    expect(await lookForFaults(stage.ledger, () => {})).toBe(3);
    await stage.ledger.redis.del(key(stage.account, 'live'));
    let told = false;
    await expect(lookForFaults(stage.ledger, () => (told = true))).rejects.toMatchObject({ code: 'damaged' });
    expect(told).toBe(true);
    await until(
      'it is whole again',
      async () => (await audit(stage.ledger))?.faultCount === 0 && (await syncedAt()) > 0,
    );
    await until(
      'its orders count',
      async () => (await stage.ledger.redis.scard(key(stage.account, 'live'))) === 3,
    );
  });

  it.each([
    ['gone', async () => {}],
    ['something else', async (plans: string) => void (await stage.ledger.redis.set(plans, 'odd'))],
  ])(
    'where the list of plans is %s: every plan that has not ended is on it again, free for any host',
    async (_, spoil) => {
      await stage.keeper();
      await opened();
      for (const id of ['waits', 'held', 'over', 'lost']) await filePlan(stage.ledger, aPlan(id));
      await claimPlans(stage.ledger, 'host', 60_000, 10);
      await notePlan(stage.ledger, 'host', {
        id: 'over',
        stage: 'done',
        attempt: 1,
        exitAttempt: 0,
        reason: 'closed',
      });
      const plans = key(stage.account, 'plans');
      await stage.ledger.redis.del(plans, key(stage.account, 'plan:lost'));
      await spoil(plans);
      await lookForFaults(stage.ledger, () => {}).catch(() => {});
      const faults = async () => (await audit(stage.ledger).catch(() => undefined))?.faultCount;
      await until('it is whole again', async () => (await faults()) === 0 && (await syncedAt()) > 0);
      expect(await stage.ledger.redis.zrange(plans, 0, '-1', 'WITHSCORES')).toEqual([
        'held',
        '0',
        'waits',
        '0',
      ]);
      expect((await claimPlans(stage.ledger, 'other', 60_000, 10)).length).toBe(2);
    },
  );

  it.each([
    [0, 5_000],
    [166, 5_000],
    [1_000, 30_000],
    [2_000, 60_000],
    [9_999, 60_000],
  ])(
    'of %d open orders is looked for every %d ms: an audit takes a fixed share of the time of Redis',
    (orders, everyMs) => {
      expect(auditEveryMs(orders)).toBe(everyMs);
    },
  );
});

it('A Redis that is busy while a term begins is a warning, and no fault of the program', async () => {
  const said: string[] = [];
  const log = {
    ...{ debug: () => {}, info: () => {} },
    warn: (_: unknown, text = '') => void said.push(`warning: ${text}`),
    error: (_: unknown, text = '') => void said.push(`fault: ${text}`),
  };
  let isBusy = true;
  const run: Ledger['run'] = async (script, args) => {
    if (script !== 'configure' || !isBusy) return await stage.ledger.run(script, args);
    isBusy = false;
    throw new WorkstealError('unavailable', 'configure: BUSY Redis is busy running a script');
  };
  await stage.keeper({ ledger: { ...stage.ledger, run }, log });
  await opened();
  expect(said.filter((text) => text.includes('the term ended'))).toEqual([
    expect.stringMatching(/^warning: .*BUSY/),
  ]);
  expect(said.filter((text) => text.startsWith('fault'))).toEqual([]);
});

describe('A loss while another one is waited out', () => {
  const [waitMs, lagMs] = [800, 200];
  const account = () => key(stage.account, 'account');

  it.each([
    ['the ledger is wiped once more', async () => void (await stage.ledger.redis.flushall())],
    ['its book is damaged', async () => void (await stage.ledger.redis.hset(account(), 'damaged', '1'))],
  ])('is waited out from its own time: %s', async (_, lose) => {
    const isNew = async () =>
      (await stage.ledger.redis.hget(account(), 'damaged')) === '' ||
      (await snapshot(stage.ledger)) !== undefined;
    await stage.keeper({ leaseMs: 400, inFlightMs: waitMs, lagMs });
    await opened();
    await aBusyAccount();
    await stage.ledger.redis.flushall();
    await until('the keeper has noticed', isNew);
    await sleep(waitMs / 2); // the time that passes is what is tried here
    await lose();
    await until('it is made anew, or emptied', isNew);
    const fromMs = performance.now();
    await until('it is open again', async () => (await syncedAt()) > 0);
    expect(performance.now() - fromMs).toBeGreaterThanOrEqual(waitMs + lagMs - 100);
  });
});

describe('A wiped ledger', () => {
  /** This keeper stops, the ledger is wiped, and a new one opens it after what may be in flight. */
  async function isWaitedOutAfter(before: TestKeeper): Promise<void> {
    await before.stop();
    await stage.ledger.redis.flushall();
    const startedMs = performance.now();
    await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(290);
    await stage.agrees();
  }

  it('admits nothing until it was rebuilt, and then counts what the broker does', async () => {
    const keeper = await stage.keeper({ leaseMs: 400, inFlightMs: 600 });
    await opened();
    await aBusyAccount();
    const before = await stage.used();
    const wipedAtMs = performance.now();
    await stage.ledger.redis.flushall();
    const looks: string[] = [];
    await until('it admits again', async () => {
      const { outcome } = await admit(stage.ledger, stage.wish('next', { symbol: 'NEXT', qty: '1' }), 60_000);
      const shut = outcome === 'unsynced';
      if (shut) looks.push(outcome);
      // Everything counts from the moment at which it opens.
      else expect((await stage.used()) - 100 * MILLION).toBe(before);
      return !shut;
    });
    expect(looks.length).toBeGreaterThan(0);
    expect(performance.now() - wipedAtMs).toBeGreaterThanOrEqual(600);
    expect(keeper.report()?.rebuilt).toBe(2);
    expect(await stage.order('exit')).toMatchObject({ kind: 'exit', heldMicros: 0 });
    expect(await stage.order('entry')).toMatchObject({ kind: 'external', heldMicros: 500 * MILLION });
  });

  it('is waited for, and log, status and the view of `up` say so, and for how long', async () => {
    const warned: string[] = [];
    const quiet = (): void => {};
    const warn = (_: unknown, message = ''): void => void warned.push(message);
    const log = { debug: quiet, info: quiet, error: quiet, warn };
    await stage.keeper({ leaseMs: 400, inFlightMs: 3_000, log });
    await opened();
    await aBusyAccount();
    const waits = () => warned.filter((text) => text.startsWith('admits no entries'));
    expect(waits()).toEqual([]);
    await stage.ledger.redis.flushall();
    const status = (): Promise<Values> =>
      readValues(stage.ledger, { script: 'status', words: [] }).catch(() => ({}));
    await until('status says it', async () => Number((await status())['lossWaitMs'] ?? 0) > 0);
    const book = await snapshot(stage.ledger);
    expect(book && lossWait(book)?.words).toMatch(/^none for [1234] s more: an order sent before/);
    await opened();
    const said = expect.stringMatching(/^admits no entries for 4 s more: .* may still reach/);
    // The wipe takes the keeper's lock, too: if that ends its term, the next term waits, and says so, anew.
    expect([[said], [said, said]]).toContainEqual(waits());
    expect(await status()).toMatchObject({ admits: 'yes', lossWaitMs: null });
    const after = await snapshot(stage.ledger);
    expect(after && lossWait({ ...after, healthMs: after.healthMs + 1_000 })).toBeUndefined();
  });

  it('learns which orders the broker has had, ended ones too: no plan begins twice (I6)', async () => {
    await stage.keeper({ leaseMs: 300, inFlightMs: 300 });
    await opened();
    await stage.send(stage.wish('p_2', { limit: '120' }));
    await stateIs('p_2', 'filled');
    await stage.send(stage.wish('p_x3', { kind: 'exit', side: 'sell', limit: '50' }));
    await stateIs('p_x3', 'filled');
    await stage.send(stage.wish('q_7', { symbol: 'MSFT', qty: '5' }));
    await stateIs('q_7', 'working');
    await stage.ledger.redis.flushall();
    await until(
      'it admits again',
      async () => (await admit(stage.ledger, stage.wish('r_1', { qty: '1' }), 60_000)).outcome === 'fits',
    );
    expect(await stage.ledger.redis.hgetall(key(stage.account, 'attempts'))).toEqual({
      p_: '2',
      p_x: '3',
      q_: '7',
    });
    expect(await admit(stage.ledger, stage.wish('p_1'), 60_000)).toEqual({
      outcome: 'superseded',
      by: 'p_2',
    });
  });

  it('that a new keeper finds is rebuilt too, after what may be in flight', async () => {
    const first = await stage.keeper();
    await opened();
    await aBusyAccount();
    await isWaitedOutAfter(first);
  });

  it('counts what filled just before, though the broker’s positions lack it for a while (I1)', async () => {
    await stage.keeper({ leaseMs: 300, inFlightMs: 100, lagMs: 1_500 });
    await opened();
    // It could have filled as much, and counts already: that must not hide the other one.
    await stage.send(stage.wish('rests', { limit: '50', qty: '30' }));
    await stage.send(stage.wish('early'));
    for (const id of ['rests', 'early']) await stateIs(id, 'working');
    await stage.faults({ positionLagMs: 1_000 });
    stage.price('AAPL', '100');
    await stateIs('early', 'filled');
    await stage.ledger.redis.flushall();
    await opened();
    expect(await stage.used()).toBe(2_500 * MILLION);
    await stage.agrees();
  });

  it('of an account with a past is waited out, too, where the broker has nothing now', async () => {
    const first = await stage.keeper();
    await opened();
    await stage.send(stage.wish('past'));
    await stateIs('past', 'working');
    const order = (await stage.broker.openOrders())[0];
    await stage.broker.cancel(order?.brokerId ?? '');
    await stateIs('past', 'cancelled');
    await isWaitedOutAfter(first);
  });

  it('that a new keeper finds counts the only order, which filled just before (I1)', async () => {
    const timing = { leaseMs: 300, inFlightMs: 100, lagMs: 1_500 };
    const first = await stage.keeper(timing);
    await opened();
    await stage.send(stage.wish('only'));
    await stateIs('only', 'working');
    await first.stop();
    await stage.faults({ positionLagMs: 1_000 });
    await stage.ledger.redis.flushall();
    stage.price('AAPL', '100');
    await stage.keeper(timing);
    await opened();
    expect(await stage.used()).toBe(1_000 * MILLION);
    await stage.agrees();
  });

  it('that a new keeper takes for a new account stays closed once an order arrives (I1)', async () => {
    await stage.faults({ positionLagMs: 1_000 });
    let asked = 0;
    const broker = new Proxy(stage.broker, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== 'endedOrders') return typeof value === 'function' ? value.bind(target) : value;
        return async (signal?: AbortSignal) => {
          const told = await target.endedOrders(signal);
          asked += 1;
          if (asked > 1) return told;
          await sendToBroker(stage.broker, stage.wish('in-flight', { limit: '120' }));
          stage.price('AAPL', '110');
          return told;
        };
      },
    });
    await stage.keeper({ broker, leaseMs: 300, inFlightMs: 300, lagMs: 1_500 });
    await opened();
    expect(await stage.used()).toBe(1_100 * MILLION);
    await stage.agrees();
  });

  it('counts an order that arrives at the broker only while the keeper waits', async () => {
    await stage.keeper({ leaseMs: 400, inFlightMs: 400 });
    await opened();
    await stage.ledger.redis.flushall();
    await until('the keeper has noticed', async () => (await snapshot(stage.ledger)) !== undefined);
    await sendToBroker(stage.broker, stage.wish('late'));
    await opened();
    expect(await stage.used()).toBe(1000 * MILLION);
    await stage.agrees();
  });
});

describe('A ledger behind a failover', () => {
  /**
   * As a promoted replica has it: another server's id, and the last writes are gone. Resolves when it was
   * rebuilt.
   */
  const failOver = async (before: TestKeeper, forget: () => Promise<unknown>) => {
    await before.stop();
    await forget();
    await stage.ledger.redis.hset(key(stage.account, 'account'), 'server_id', 'the-old-one');
    const keeper = await stage.keeper();
    await until('rebuilt', () => keeper.report()?.rebuilt === 1);
  };

  /** An order that the broker has, and that the ledger has lost the submission of. */
  const unsent = async (): Promise<BrokerOrder> => {
    expect((await admit(stage.ledger, stage.wish('a_0'), 60_000)).outcome).toBe('fits');
    return await sendToBroker(stage.broker, stage.wish('a_0'));
  };
  const pending = () => stage.ledger.redis.hset(key(stage.account, 'order:a_0'), 'state', 'pending');
  const endsOf = async (id: string): Promise<string[]> => {
    const entries = await stage.ledger.redis.xrange(key(stage.account, 'events'), '-', '+');
    const events = entries.map(([at, flat]) => readEvent(at, flat));
    return events
      .filter(({ type, fields }) => type === 'ended' && fields['order'] === id)
      .map(({ fields }) => `${fields['state']} ${fields['filled_qty']}`);
  };

  it('takes up a reserved order whose submission it forgot: it stays its owner’s', async () => {
    const keeper = await stage.keeper();
    await opened();
    await failOver(keeper, unsent);
    await stateIs('a_0', 'working');
    expect(await stage.order('a_0')).toMatchObject({
      ...{ kind: 'entry', owner: 'host', heldMicros: 1000 * MILLION },
      sentAtMs: expect.toSatisfy((ms: number) => ms > 0),
    });
    await stage.agrees();
  });

  it('takes over a pending order whose submission it forgot', async () => {
    const keeper = await stage.keeper();
    await opened();
    await failOver(keeper, async () => {
      await unsent();
      await pending();
    });
    expect(await stage.order('a_0')).toMatchObject({
      ...{ state: 'working', kind: 'external', heldMicros: 1000 * MILLION },
    });
    await stage.agrees();
  });

  it.each([
    ['reserved', async () => {}],
    ['pending', pending],
  ])('learns that a %s order whose submission it forgot has filled', async (_, forget) => {
    const keeper = await stage.keeper();
    await opened();
    await failOver(keeper, async () => {
      await unsent();
      await forget();
      stage.price('AAPL', '100');
      await until('it has filled', async () => {
        const answer = await stage.broker.order('a_0');
        return answer.kind === 'found' && answer.order.state !== 'live';
      });
    });
    expect(await endsOf('a_0')).toEqual(['filled 10']);
    expect((await snapshot(stage.ledger))?.positions).toMatchObject([{ symbol: 'AAPL', qty: '10' }]);
    await stage.agrees();
  });

  it.each([
    ['reserved', 'entry', async () => {}],
    ['pending', 'external', pending],
  ])('takes up a %s order that was replaced at the broker since, as an %s', async (_, kind, forget) => {
    const keeper = await stage.keeper();
    await opened();
    await failOver(keeper, async () => {
      await unsent();
      await forget();
      await stage.person.change('a_0', { limit_price: '101' });
    });
    await until('its limit counts', async () => (await stage.order('a_0'))?.heldMicros === 1010 * MILLION);
    expect(await stage.order('a_0')).toMatchObject({ state: 'working', kind, limit: '101' });
    await stage.agrees();
  });

  it('learns at once of the fills that it forgot', async () => {
    const keeper = await stage.keeper();
    await opened();
    await stage.send(stage.wish('a_0'));
    await stateIs('a_0', 'working');
    await failOver(keeper, async () => stage.price('AAPL', '100'));
    expect(await stage.order('a_0')).toMatchObject({ state: 'filled' });
    expect((await snapshot(stage.ledger))?.positions).toMatchObject([{ symbol: 'AAPL', qty: '10' }]);
    await stage.agrees();
  });
});

describe('A Redis that restarts', () => {
  it('is rebuilt from the broker though it comes back empty', async () => {
    await stage.keeper();
    await opened();
    await stage.send(stage.wish('a_0'));
    await stateIs('a_0', 'working');
    process.kill(redis.pid, 'SIGKILL');
    await redis.ended;
    const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
    const again = spawn(
      path,
      ['--port', `${redis.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore' },
    );
    onTestFinished(() => void again.kill('SIGKILL'));
    await until('it counts again', async () => {
      try {
        return (await syncedAt()) > 0 && (await stage.used()) === 1000 * MILLION;
      } catch {
        return false; // not connected yet
      }
    });
    await stage.agrees();
  });
});
