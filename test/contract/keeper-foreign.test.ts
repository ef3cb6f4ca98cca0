/**
 * Holdings and orders of people that worksteal does not trade: counted in dollars if possible, otherwise left
 * out and reported. One odd item never prevents a reconciliation (I1, I7, I8).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { key } from '../../src/ledger/keys.ts';
import { type AmendedExchange, startAmendedExchange } from '../support/amended-exchange.ts';
import { useRedis } from '../support/fixtures.ts';
import { runScript } from '../support/inspection.ts';
import { type Stage, startStage, type TestKeeper, until } from '../support/keeper.ts';
import { wireOrder } from '../support/scripted-alpaca.ts';

const MILLION = 1_000_000;

const redis = useRedis();
let stage: Stage;
let amended: AmendedExchange;
let warnings: string[];
beforeEach(async () => {
  stage = await startStage(redis.url);
  amended = await startAmendedExchange(stage.exchange.url);
  warnings = [];
});
afterEach(async () => {
  await stage.close();
  await amended.close();
});

type Told = { oddities: Record<string, unknown>[]; failure: string | null };

async function status(): Promise<Told> {
  return JSON.parse(
    await runScript({ ledger: stage.ledger, name: stage.account } as never, 'status', ['json']),
  ) as Told;
}

const orders = (...list: Record<string, unknown>[]) =>
  amended.amend('/v2/orders', (body) => [...(body as unknown[]), ...list]);
const positions = (...list: unknown[]) =>
  amended.amend('/v2/positions', (body) => [...(body as unknown[]), ...list]);

async function keep(ignored: readonly string[] = []): Promise<TestKeeper> {
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const urls = { tradingUrl: amended.url, dataUrl: amended.url, keyId: 'k', secretKey: 's' };
  const broker = new AlpacaBroker({
    ...urls,
    limiter: unlimited,
    requestTimeoutMs: 1_000,
    log,
    random: () => 0,
  });
  const warn = (facts: unknown, message?: string): void => void warnings.push(message ?? String(facts));
  const keeper = await stage.keeper({ broker, ignored, log: { ...log, warn, error: warn } });
  await reconciled(keeper, 2);
  return keeper;
}

/** Rounds from now on that succeeded. */
async function reconciled(keeper: TestKeeper, rounds: number): Promise<void> {
  const from = keeper.report()?.reconciles ?? 0;
  await until('it was reconciled', () => (keeper.report()?.reconciles ?? 0) >= from + rounds);
}

async function count(): Promise<number> {
  return (await stage.used()) / MILLION;
}

const hand = (id: string, fields: Record<string, unknown>) =>
  wireOrder({
    id: `broker-${id}`,
    client_order_id: id,
    order_class: 'simple',
    qty: '10',
    limit_price: '200',
    ...fields,
  });
const CREDIT = hand('hand-spread', {
  asset_class: '',
  symbol: '',
  side: '',
  order_class: 'mleg',
  qty: '1',
  limit_price: '-0.35',
});

describe('One order that cannot be counted', () => {
  it('is reported while the others count and the account admits', async () => {
    orders(hand('hand-1', {}), CREDIT);
    await keep();
    expect(await count()).toBe(2_000);
    expect(await admit(stage.ledger, stage.wish('a'), 1_000)).toMatchObject({ outcome: 'fits' });
    expect((await status()).oddities).toMatchObject([
      {
        what: 'order',
        id: 'hand-spread',
        counts: 'nothing',
        why: expect.stringContaining('several legs at a net price of -0.35'),
      },
    ]);
  });

  it('is logged once, and again when it is another', async () => {
    orders(CREDIT);
    const keeper = await keep();
    await reconciled(keeper, 3);
    expect(warnings.filter((message) => message.includes('hand-spread'))).toHaveLength(1);
    orders(hand('hand-2', { qty: 'ten' }));
    await reconciled(keeper, 2);
    expect((await status()).oddities).toMatchObject([{ id: 'hand-2', symbol: 'AAPL' }]);
    expect(warnings.filter((message) => message.includes('hand-2'))).toHaveLength(1);
  });

  it.each([['hand-spread'], ['broker-hand-spread']])(
    'is passed over in silence where its owner says so, by %s',
    async (name) => {
      orders(CREDIT, hand('hand-1', {}));
      await keep([name]);
      expect(await count()).toBe(2_000);
      expect(warnings.filter((message) => message.includes('hand-spread'))).toEqual([]);
      expect((await status()).oddities).toEqual([]);
    },
  );

  it('that counts is counted although ignored, and reported if it may count too little', async () => {
    orders(
      hand('hand-1', {}),
      hand('hand-es', { asset_class: 'us_future', symbol: 'ESZ6', qty: '1', limit_price: '5000' }),
    );
    await keep(['hand-1', 'AAPL', 'hand-es']);
    expect(await count()).toBe(7_000);
    expect((await status()).oddities).toMatchObject([{ id: 'hand-es', counts: 'perhaps too little' }]);
  });

  it('and one without a client order id counts under a generated id', async () => {
    orders(hand('x', { client_order_id: null, qty: 10 }));
    const keeper = await keep();
    await reconciled(keeper, 2);
    expect(await count()).toBe(2_000);
  });
});

describe('A position that worksteal does not trade', () => {
  it('counts at its cost, however long its symbol is', async () => {
    positions(
      {
        symbol: 'GOOGL1270115C00100000',
        asset_class: 'us_option',
        qty: '1',
        side: 'long',
        avg_entry_price: '5.5',
        cost_basis: '550',
      },
      {
        symbol: 'BTC-PERP',
        asset_class: 'crypto_perp',
        qty: '1',
        side: 'long',
        avg_entry_price: '90',
        cost_basis: '90',
      },
    );
    await keep();
    expect(await count()).toBe(640);
    expect((await status()).oddities).toEqual([]);
  });

  it('that cannot be bounded is named', async () => {
    positions({ symbol: 'ODD', qty: '1' }, null, { symbol: 'AAPL', qty: '1', cost_basis: '100' });
    await keep();
    expect(await count()).toBe(100);
    expect((await status()).oddities).toMatchObject([
      { what: 'position', counts: 'nothing' },
      { what: 'position', symbol: 'ODD', counts: 'nothing', why: 'its cost and its value are unknown' },
    ]);
  });

  it('reported in two spellings counts both costs', async () => {
    positions(
      { symbol: 'ETHUSD', qty: '1', cost_basis: '100' },
      { symbol: 'ETH/USD', qty: '2', cost_basis: '200' },
    );
    await keep();
    expect(await count()).toBe(300);
  });
});

describe('An order by hand in another unit', () => {
  it('counts an option contract as 100 and a pair at the price of its currency', async () => {
    orders(
      hand('hand-call', {
        asset_class: 'us_option',
        symbol: 'AAPL270115C00200000',
        qty: '20',
        limit_price: '5.5',
      }),
      hand('hand-ethbtc', { asset_class: 'crypto', symbol: 'ETH/BTC', qty: '2', limit_price: '0.055' }),
    );
    await keep();
    expect(await count()).toBe(11_000 + 2 * 0.055 * 110);
  });

  it('in a currency without a price is named until it has one', async () => {
    orders(hand('hand-eur', { asset_class: 'crypto', symbol: 'BTC/EUR', qty: '2', limit_price: '90' }));
    const keeper = await keep();
    expect((await status()).oddities).toMatchObject([
      { id: 'hand-eur', why: 'it is quoted in EUR, which has no price in dollars now' },
    ]);
    const t = new Date().toISOString();
    amended.amend('/v1beta3/crypto/us/latest/quotes', () => ({
      quotes: { 'EUR/USD': { ap: 1.1, bp: 1.1, t } },
    }));
    await reconciled(keeper, 2);
    expect(await count()).toBe(198);
    expect((await status()).oddities).toEqual([]);
  });

  it('of an unknown class counts as shares do, and is named', async () => {
    orders(hand('hand-es', { asset_class: 'us_future', symbol: 'ESZ6', qty: '1', limit_price: '5000' }));
    await keep();
    expect(await count()).toBe(5_000);
    expect((await status()).oddities).toMatchObject([
      { id: 'hand-es', symbol: 'ESZ6', counts: 'perhaps too little' },
    ]);
  });
});

describe('A market order by hand', () => {
  const market = (fields: Record<string, unknown> = {}) =>
    hand('hand-mkt', { qty: '5', type: 'market', limit_price: null, ...fields });
  const noQuotes = () =>
    amended.amend('/v2/stocks/quotes/latest', () => ({
      quotes: { AAPL: { ap: 0, bp: 0, t: '2026-11-28T10:00:00Z' } },
    }));
  const noTrades = () => amended.amend('/v2/stocks/trades/latest', () => ({ trades: {} }));

  it('whose symbol has no quote counts at its last trade, and the headroom of a market order', async () => {
    orders(market());
    noQuotes();
    await keep();
    expect(await count()).toBe(5 * 110 * 1.03);
  });

  it("whose symbol never traded counts at its position's cost", async () => {
    orders(market());
    positions({ symbol: 'AAPL', qty: '1', cost_basis: '90' });
    noQuotes();
    noTrades();
    await keep();
    expect(await count()).toBeCloseTo(90 + 5 * 90 * 1.03, 4);
  });

  it('placed for an amount counts the amount', async () => {
    orders(market({ qty: null, notional: '500' }));
    noQuotes();
    noTrades();
    await keep();
    expect(await count()).toBeCloseTo(500, 4);
  });

  it('that waits for a stop counts there, or at the price behind it', async () => {
    orders(market({ type: 'stop', stop_price: '150' }));
    await keep();
    expect(await count()).toBe(5 * 150 * 1.03);
  });

  it('that nothing bounds is named, and counts as soon as there is a price', async () => {
    orders(market({ symbol: 'GME' }));
    const keeper = await keep();
    expect(await count()).toBe(0);
    expect((await status()).oddities).toMatchObject([
      { id: 'hand-mkt', symbol: 'GME', why: expect.stringContaining('no limit') },
    ]);
    const t = new Date().toISOString();
    amended.amend('/v2/stocks/quotes/latest', () => ({ quotes: { GME: { ap: 20, bp: 20, t } } }));
    await reconciled(keeper, 2);
    expect(await count()).toBe(103);
  });
});

describe('Legs', () => {
  const exits = (fields: Record<string, unknown>) => [
    hand('hand-tp', { qty: '100', side: 'sell', limit_price: '220', status: 'held', ...fields }),
    hand('hand-sl', {
      qty: '100',
      side: 'sell',
      type: 'stop',
      limit_price: null,
      stop_price: '190',
      status: 'held',
      ...fields,
    }),
  ];
  const entry = hand('hand-entry', { qty: '100', order_class: 'bracket' });

  it.each([
    ['that say so', { order_class: 'bracket', position_intent: 'sell_to_close' }],
    ['that the broker holds back', { order_class: 'bracket' }],
    ['of an OTO', { order_class: 'oto' }],
  ])('of a waiting bracket, %s, count nothing: they close what its entry opens', async (_, fields) => {
    orders(entry, ...exits(fields));
    await keep();
    expect(await count()).toBe(20_000);
  });

  it('named by their parent count nothing either', async () => {
    orders({ ...entry, legs: exits({}) }, ...exits({ status: 'new' }));
    await keep();
    expect(await count()).toBe(20_000);
  });

  it('of an OCO on held shares count nothing: only one of them can fill', async () => {
    positions({ symbol: 'AAPL', qty: '100', cost_basis: '20000' });
    const [first, second] = exits({ order_class: 'oco' });
    orders({ ...first, status: 'new' }, second as Record<string, unknown>);
    await keep();
    expect(await count()).toBe(20_000);
  });

  it('of an OCO leave the rest of the position to be closed by others', async () => {
    positions({ symbol: 'AAPL', qty: '150', cost_basis: '30000' });
    const [first, second] = exits({ order_class: 'oco' });
    orders({ ...first, status: 'new' }, second as Record<string, unknown>);
    await keep();
    const exit = (id: string, qty: string) =>
      stage.wish(id, { kind: 'exit', side: 'sell', limit: '210', qty });
    expect(await admit(stage.ledger, exit('p_x1', '51'), 1_000)).toMatchObject({
      outcome: 'no_position',
      numbers: { exits_qty: '100' },
    });
    expect(await admit(stage.ledger, exit('p_x1', '50'), 1_000)).toMatchObject({ outcome: 'fits' });
  });

  it('of a waiting bracket keep no plan from closing what it holds', async () => {
    positions({ symbol: 'AAPL', qty: '100', cost_basis: '20000' });
    orders(entry, ...exits({ order_class: 'bracket' }));
    await keep();
    const exit = stage.wish('p_x1', { kind: 'exit', side: 'sell', limit: '210', qty: '100' });
    expect(await admit(stage.ledger, exit, 1_000)).toMatchObject({ outcome: 'fits' });
  });

  it('that open count, whatever they are called', async () => {
    orders(...exits({ order_class: 'bracket', position_intent: 'sell_to_open' }).slice(0, 1));
    await keep();
    expect(await count()).toBe(22_000);
  });
});

describe('An equity below nothing', () => {
  it('counts as 0 and is reported; the account stays open', async () => {
    amended.amend('/v2/account', (body) => ({ ...(body as object), equity: '-5.25' }));
    await keep();
    expect(await admit(stage.ledger, stage.wish('a'), 1_000)).toMatchObject({
      outcome: 'no_price',
      numbers: { room_micros: '0' },
    });
    expect(warnings).toContain(
      'the broker reports an equity of -$5.25: it counts as 0, so nothing is admitted',
    );
  });
});

describe('A reconciliation that fails', () => {
  it('is shown by status with its time and message, even after recovery', async () => {
    const keeper = await keep();
    amended.amend('/v2/account', () => ({ equity: 'much' }));
    await until('it failed', async () => ((await status()).failure ?? '').includes('/v2/account'));
    amended.amend('/v2/account', undefined);
    await reconciled(keeper, 1);
    const text = await runScript({ ledger: stage.ledger, name: stage.account } as never, 'status', []);
    expect(text).toMatch(/last failure +20\d\d-.* ago, .*succeeded since: .*\/v2\/account/);
    expect(await stage.ledger.redis.hget(key(stage.account, 'reconcile_failure'), 'over_ms')).not.toBeNull();
  });
});
