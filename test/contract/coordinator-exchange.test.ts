/** A steal over HTTP: the Alpaca adapter and the paper exchange, whose judge checks the cap (I1). */
import { afterEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { type Coordination, coordinateWith } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const log = { debug: () => {}, info: () => {}, warn: () => {} };
const never = new AbortController().signal;

type World = Coordination<AlpacaBroker> & {
  exchange: RunningExchange;
  price(symbol: string, price: string): void;
};

/** 1,000 dollars with a leverage of 1, on both sides; AAPL is full with 900 of them, 10 % from its limit. */
async function world(settings: ExchangeSettingsInput = {}): Promise<World> {
  const market = new ManualMarket(['AAPL', 'MSFT']);
  const defaults = {
    port: 0,
    equity: '1000',
    leverage: '1',
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 20,
    tick: 5,
  };
  const exchange = await startExchange({ ...defaults, ...settings }, { market });
  closing.push(() => exchange.close());
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url };
  const broker = new AlpacaBroker({
    ...urls,
    keyId: 'k',
    secretKey: 's',
    limiter: unlimited,
    requestTimeoutMs: 2_000,
    log,
  });
  const account = await ledgers.account();
  const all = await coordinateWith(ledgers.url, account, broker, { requestTimeoutMs: 2_000 });
  closing.push(() => all.close());
  await broker.account(); // the judge counts the caps that its account answers implied
  const price = (symbol: string, value: string): void => {
    market.set(symbol, value);
    exchange.advance();
  };
  price('AAPL', '11');
  price('MSFT', '10.01');
  await account.prices({ AAPL: '11', MSFT: '10.01' });
  await all.live(anOrder('worse').of('AAPL').worth(900).pnl('1'));
  return { ...all, exchange, price };
}

const better = anOrder('better').of('MSFT').worth(500).pnl('10');

async function judge(exchange: RunningExchange): Promise<unknown> {
  return await (await fetch(`${exchange.url}/judge`)).json();
}

async function setFaults(exchange: RunningExchange, faults: Record<string, unknown>): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${exchange.url}/faults`, {
    method: 'POST',
    headers,
    body: JSON.stringify(faults),
  });
  expect(response.ok).toBe(true);
}

describe('a steal at the paper exchange', () => {
  it('cancels first and places after, so the judge finds no breach', async () => {
    const all = await world();
    expect(await all.enter(better)).toMatchObject({ outcome: 'reserved', how: 'stolen' });
    expect(await all.coordinator.place(better.wish, never)).toMatchObject({ outcome: 'working' });
    expect(await all.broker.order('worse')).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
    expect((await all.broker.openOrders()).map(({ id }) => id)).toEqual(['better']);
    expect(await judge(all.exchange)).toMatchObject({ violationCount: 0 });
    await all.account.expectSound();
  });

  it('that loses the race to a fill leaves the thief without room, and places nothing', async () => {
    const all = await world({ cancelDelay: 3_600_000 });
    const entering = all.enter(better);
    await expect
      .poll(async () => (await all.broker.openOrders())[0]?.status, { interval: 5 })
      .toBe('pending_cancel');
    all.price('AAPL', '10');
    expect(await entering).toMatchObject({ outcome: 'refused', reason: 'steal_failed' });
    expect(await all.account.order('worse')).toMatchObject({ state: 'filled', filledQty: '90' });
    expect(await judge(all.exchange)).toMatchObject({ violationCount: 0 });
    await all.account.expectSound();
  });

  it.each([
    ['fails', { failRequests: 1 }],
    ['is accepted, and then given up by the broker', { rejectCancels: 1 }],
  ])('asks again for a cancellation that %s', async (_, faults) => {
    const all = await world();
    // The symbol's asset record is known by then: the next request is the cancellation.
    expect(await all.enter(anOrder('weak').of('MSFT').worth(500))).toMatchObject({
      outcome: 'refused',
      reason: 'pnl_not_better',
    });
    await setFaults(all.exchange, faults);
    expect(await all.enter(better)).toMatchObject({ outcome: 'reserved', how: 'stolen' });
    await expect.poll(() => all.jobs, { interval: 2, timeout: 60_000 }).toEqual(['failed', 'settled']);
  });

  it('whose order is accepted while the answer is lost is found and opened', async () => {
    const all = await world();
    await all.enter(better);
    await setFaults(all.exchange, { loseReplies: 1 });
    expect(await all.coordinator.place(better.wish, never)).toMatchObject({ outcome: 'working' });
    expect((await all.broker.openOrders()).map(({ id }) => id)).toEqual(['better']);
  });
});
