/**
 * After thousands of random operations, the judge's exposure equals the sum over orders and positions (I2).
 */
import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFailed } from 'vitest';
import { AlpacaError } from '../../src/alpaca-server/errors.ts';
import { fromNanos } from '../../src/domain/decimal.ts';
import { abs } from '../../src/exchange/amounts.ts';
import type { NewOrder } from '../../src/exchange/orders.ts';
import { type Random, seededRandom } from '../../src/prices/random.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';

const SYMBOLS = ['BTCUSD', 'ETHUSD', 'AAPL', 'MSFT'] as const;
const START_CASH = 100_000n * 10n ** 18n;

let exchange: TestExchange;
afterEach(() => exchange.close());

/** Recomputed from nothing but the orders' fills and limits. */
function sums() {
  const { book, account } = exchange.core;
  const filter = {
    status: 'all',
    limit: 1e6,
    ascending: true,
    afterNs: null,
    untilNs: null,
    afterSeq: null,
    beforeSeq: null,
  } as const;
  let cash = START_CASH;
  const held = new Map<string, bigint>();
  let holds = 0n;
  for (const order of book.list({ ...filter, symbols: null, side: null, assetClass: null })) {
    const buys = order.side === 'buy';
    cash += buys ? -order.filledCost : order.filledCost;
    held.set(order.symbol, (held.get(order.symbol) ?? 0n) + (buys ? order.filledNanos : -order.filledNanos));
    const ended = ![
      'pending_new',
      'accepted',
      'new',
      'partially_filled',
      'pending_cancel',
      'pending_replace',
    ].includes(order.status);
    const need =
      ended || order.kind === 'exit' ? 0n : (order.qtyNanos - order.filledNanos) * (order.limitNanos ?? 0n);
    if (order.status !== 'pending_new') expect(order.hold, `hold of ${order.clientId}`).toBe(need);
    holds += order.hold;
  }
  let cost = 0n;
  for (const position of account.positions()) cost += position.cost;
  return { cash, held, exposure: cost + holds };
}

function check(): void {
  const { account, judge } = exchange.core;
  const { cash, held, exposure } = sums();
  expect(account.cash).toBe(cash);
  for (const symbol of SYMBOLS)
    expect(account.position(symbol)?.qtyNanos ?? 0n, symbol).toBe(held.get(symbol) ?? 0n);
  expect(judge.report(0).exposureMicros).toBe(Number((exposure + 10n ** 12n - 1n) / 10n ** 12n));
}

/** Random operations on the exchange; what it refuses is counted and is no fault. */
class Crowd {
  readonly outcomes = { accepted: 0, refused: 0, cancelled: 0, replaced: 0 };
  private readonly random: Random;
  private submitted = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  async act(): Promise<void> {
    const symbol = SYMBOLS[this.below(SYMBOLS.length)] ?? 'AAPL';
    const roll = this.random.next();
    if (roll < 0.3) exchange.price(symbol, fromNanos(this.price()));
    else if (roll < 0.7) this.attempt('accepted', () => exchange.core.submit(this.order(symbol)));
    else if (roll < 0.95) this.touch(roll < 0.85);
    else if (roll < 0.96) exchange.pass(3_600_000 * this.below(20));
    else await new Promise((resolve) => setImmediate(resolve)); // let delayed cancels and replacements happen
  }

  private touch(cancels: boolean): void {
    const live = [...exchange.core.book.live()];
    const order = live[this.below(live.length)];
    if (!order) return;
    const change = { limitNanos: this.price(), qtyNanos: this.whole(20) };
    if (cancels) this.attempt('cancelled', () => exchange.core.cancels.ask(order.id));
    else this.attempt('replaced', () => exchange.core.replace(order.id, change));
  }

  /** Two in five are against the position, if there is one; half of those close all of it. */
  private order(symbol: string): NewOrder {
    const crypto = symbol.endsWith('USD');
    const position = exchange.core.account.position(symbol);
    const closes = position !== undefined && this.below(5) < 2;
    const entrySide = this.below(3) === 0 ? 'sell' : 'buy';
    const qtyNanos = crypto ? this.whole(60) / 7n + 1n : this.whole(60);
    this.submitted += 1;
    return {
      clientId: `o${this.submitted}`,
      symbol,
      side: closes ? (position.qtyNanos > 0n ? 'sell' : 'buy') : entrySide,
      type: 'limit',
      timeInForce: crypto ? (this.below(8) === 0 ? 'ioc' : 'gtc') : 'day',
      limitNanos: this.price(),
      qtyNanos: closes && this.below(2) === 0 ? abs(position.qtyNanos) : qtyNanos,
      notionalNanos: null,
      stopNanos: null,
      trail: null,
      extendedHours: false,
    };
  }

  private attempt(what: 'accepted' | 'cancelled' | 'replaced', action: () => void): void {
    try {
      action();
      this.outcomes[what] += 1;
    } catch (error) {
      if (!(error instanceof AlpacaError)) throw error;
      this.outcomes.refused += 1;
    }
  }

  private below(n: number): number {
    return Math.floor(this.random.next() * n);
  }

  private whole(most: number): bigint {
    return BigInt(1 + this.below(most)) * 1_000_000_000n;
  }

  private price(): bigint {
    return BigInt(95_000 + this.below(10_000)) * 1_000_000n;
  }
}

describe('The books of the exchange', () => {
  it('agree with the sum over orders and positions, whatever happens', async () => {
    const seed = randomInt(2 ** 31);
    onTestFailed(() => {
      process.stderr.write(`seed ${seed}\n`);
    });
    const crowd = new Crowd(seed);
    exchange = await startTestExchange({ partialRate: 0.4, cancelDelay: 0, replaceDelay: 0, seed });
    for (let n = 0; n < 3000; n += 1) {
      await crowd.act();
      if (n % 20 === 0) check();
    }
    check();
    for (const count of Object.values(crowd.outcomes))
      expect(count, JSON.stringify(crowd.outcomes)).toBeGreaterThan(20);
    expect(exchange.core.judge.report(0)).toMatchObject({ violationCount: 0, doubleOrders: 0 });
  });
});
