/**
 * A process that replaces an order dies at each step, or hears nothing: the keeper finds the truth, and the
 * cap is kept meanwhile (I1, I4, I7).
 */
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ReplacingBroker, replaceOrder } from '../../src/coordinator/replace.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type Stage, startStage, until } from '../support/keeper.ts';
import { startPrivateRedis } from '../support/redis.ts';

const MILLION = 1_000_000;
const LEASE_MS = 300;
const REQUEST_TIMEOUT_MS = 200;

let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
let stage: Stage;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.close());
afterEach(async () => {
  expect(await stage.judge()).toMatchObject({ violations: [], doubleOrders: 0 });
  await stage.close();
});

/** `a`, 10 of AAPL at 100, works; a keeper reconciles, and hears no trade updates. */
async function working(settings: ExchangeSettingsInput = {}): Promise<void> {
  stage = await startStage(redis.url, { replaceDelay: 1, ...settings });
  await stage.keeper();
  const { account, ledger } = stage;
  await until(
    'the account is open',
    async () => Number((await ledger.redis.hget(`ws:{${account}}:account`, 'synced_at_ms')) ?? 0) > 0,
  );
  await stage.faults({ dropUpdateRate: 1 });
  await stage.send(stage.wish('a'));
  await shows({ state: 'working' });
}

const shows = (fields: Record<string, unknown>) =>
  until(`a is ${JSON.stringify(fields)}`, async () => {
    const order = (await stage.order('a')) as Record<string, unknown> | undefined;
    return Object.entries(fields).every(([name, value]) => order?.[name] === value);
  });

type Accident = { at?: string; monotonicMs?: () => number; isLost?: boolean };

/** Asks for 30 at 100 in its place. At the step `at` the process dies; with `isLost` nobody hears it. */
async function replacing({ at, monotonicMs = () => performance.now(), isLost = false }: Accident) {
  const { ledger, broker: heard } = stage;
  const broker = isLost ? deaf(heard) : heard;
  const known = await stage.order('a');
  const told = await broker.orderByBrokerId(known?.brokerId ?? '');
  if (told.kind !== 'found') throw new Error(`a is ${told.kind}`);
  const options = {
    ...{ ledger, broker, monotonicMs, leaseMs: LEASE_MS, requestTimeoutMs: REQUEST_TIMEOUT_MS },
    ...{ log: pino({ level: 'silent' }), onBuyingPower: () => {} },
    step: (name: string) => {
      if (name === at) throw new Error('died');
    },
  };
  const wish = { id: 'a', old: told.order, nextId: 'n', limit: '100', qty: '30', asks: { qty: '30' } };
  return await replaceOrder(options, wish, AbortSignal.timeout(10_000)).catch((error: Error) => {
    if (error.message !== 'died') throw error;
    return { outcome: 'died' };
  });
}

/** Its requests get lost. */
function deaf(broker: ReplacingBroker): ReplacingBroker {
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'replace') return async () => ({ kind: 'unknown', message: 'no answer' });
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const liveIds = async () => (await stage.broker.openOrders()).map(({ id }) => id);

describe('A replacement whose process dies', () => {
  it('before the broker is asked gives the room back when its lease is over', async () => {
    await working();
    expect(await replacing({ at: 'after_replace' })).toEqual({ outcome: 'died' });
    expect(await stage.order('a')).toMatchObject({ heldMicros: 3_000 * MILLION });
    await shows({ heldMicros: 1_000 * MILLION, nextQty: '' });
    await stage.agrees();
    expect(await liveIds()).toEqual(['a']);
  });

  it('when the broker has taken it is in force, without an update and without its answer', async () => {
    await working();
    expect(await replacing({ at: 'after_patch' })).toEqual({ outcome: 'died' });
    await shows({ state: 'working', qty: '30', heldMicros: 3_000 * MILLION, nextQty: '' });
    await stage.agrees();
    expect(await liveIds()).toEqual(['n']);
  });

  it('while the broker has not decided keeps the larger, until the old one fills', async () => {
    await working({ replaceDelay: 3_600_000 });
    expect(await replacing({ at: 'after_patch' })).toEqual({ outcome: 'died' });
    await until('the keeper has found it', async () => (await stage.order('a'))?.nextBrokerId !== '');
    expect(await stage.order('a')).toMatchObject({ qty: '10', heldMicros: 3_000 * MILLION });
    stage.price('AAPL', '100');
    await shows({ state: 'filled', filledQty: '10' });
    await stage.agrees();
  });

  it('when the broker has refused it gives the room back', async () => {
    await working();
    await stage.faults({ haltedSymbols: ['AAPL'] });
    expect(await replacing({ at: 'after_patch' })).toEqual({ outcome: 'died' });
    await shows({ heldMicros: 1_000 * MILLION, nextQty: '' });
    await stage.agrees();
  });

  it('after it recorded the answer is followed as any other', async () => {
    await working({ replaceDelay: 100 });
    expect(await replacing({ at: 'after_amend' })).toEqual({ outcome: 'died' });
    await shows({ qty: '30', nextQty: '' });
    await stage.agrees();
  });
});

describe('A replacement', () => {
  it('is not asked for after its lease, and gives the room back at once', async () => {
    await working();
    const times = [0, 0];
    const answer = await replacing({ monotonicMs: () => times.shift() ?? LEASE_MS });
    expect(answer).toMatchObject({ outcome: 'rejected', why: 'not_sent' });
    expect(await stage.order('a')).toMatchObject({ heldMicros: 1_000 * MILLION, nextQty: '' });
    expect(await liveIds()).toEqual(['a']);
  });

  it('without an answer is unclear, and keeps the larger until the keeper knows', async () => {
    await working();
    expect(await replacing({ isLost: true })).toEqual({ outcome: 'unclear' });
    expect(await stage.order('a')).toMatchObject({ heldMicros: 3_000 * MILLION });
    await shows({ heldMicros: 1_000 * MILLION, nextQty: '' });
    await stage.agrees();
  });

  it('of a partly filled order names its quantity, and holds it beside what has filled', async () => {
    await working();
    await stage.faults({ partFills: 1 });
    stage.price('AAPL', '100');
    stage.price('AAPL', '110');
    expect(await replacing({})).toMatchObject({ outcome: 'asked' });
    const { filledQty = '0', heldMicros } = (await stage.order('a')) ?? {};
    expect(Number(filledQty)).toBeGreaterThan(0);
    expect(heldMicros).toBe(3_000 * MILLION);
    await shows({ nextQty: '', qty: String(Number(filledQty) + 30) });
    await stage.agrees();
  });
});
