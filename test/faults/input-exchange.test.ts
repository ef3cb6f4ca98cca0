/**
 * Malformed requests to every endpoint of the paper exchange: a 4xx in Alpaca's format, never a 5xx or a
 * crash. Orders, account and judge do not change.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlpacaError } from '../../src/alpaca-server/errors.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { Book } from '../../src/exchange/book.ts';
import { NO_FAULTS } from '../../src/exchange/faults.ts';
import { readFilter, readNewOrder, readReplacement } from '../../src/exchange/routes/order-body.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { RawHttp } from './input/raw-http.ts';
import { type Request, rightRequests, spoilRequest } from './input/spoil-request.ts';
import { Tally } from './input/tally.ts';

/** More orders than this make each look at them slow: then a fresh exchange goes on. */
const MOST_ORDERS = 40;

type Prepared = { exchange: TestExchange; http: RawHttp; right: Request[]; close(): Promise<void> };

/** An exchange with an order that is live, one that is filled and one that is being cancelled. */
async function prepared(): Promise<Prepared> {
  // Nothing changes without a request.
  const exchange = await startTestExchange({ cancelDelay: 3_600_000, replaceDelay: 3_600_000 });
  for (const symbol of ['BTCUSD', 'AAPL']) exchange.price(symbol, '100');
  const order = async (changes: object): Promise<string> =>
    String((await exchange.order({ ...changes })).body['id']);
  const live = await order({ client_order_id: 'live', limit_price: '90' });
  const filled = await order({ client_order_id: 'filled', symbol: 'AAPL', limit_price: '101' });
  const cancelled = await order({ client_order_id: 'cancelled', symbol: 'MSFT', limit_price: '50' });
  await exchange.call('DELETE', `/v2/orders/${cancelled}`);
  const http = new RawHttp(exchange.url);
  const close = async (): Promise<void> => {
    http.close();
    await exchange.close();
  };
  return { exchange, http, right: rightRequests([live, filled, cancelled]), close };
}

let now: Prepared;
beforeAll(async () => {
  now = await prepared();
});
afterAll(() => now.close());

const everything = {
  limit: 10_000,
  ascending: true,
  afterNs: null,
  untilNs: null,
  afterSeq: null,
  beforeSeq: null,
  symbols: null,
};

/** Orders, positions, cash and the judge's report; not how often it said no, nor who asked for a cancel. */
function stateOf({ core }: TestExchange): string {
  const orders = core.book
    .list({ ...everything, status: 'all', side: null, assetClass: null })
    .map((order) => core.json(order));
  const { cancelRequests: _, buyingPowerRefusals: __, ...report } = core.report();
  return JSON.stringify(
    [orders, [...core.account.positions()], core.account.cash, report],
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value),
  );
}

/** What is wrong with an answer: 5xx, or a refusal that is not in Alpaca's shape. */
function faultOf(status: number, body: string): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (!(status >= 400 && status < 500)) return 'neither a success nor a refusal';
  try {
    const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown };
    return Number.isInteger(code) && typeof message === 'string' && message !== '' && message.length < 1_000
      ? undefined
      : 'no {code, message}';
  } catch {
    return 'no JSON';
  }
}

describe('malformed requests', () => {
  it('are refused and change nothing', { timeout: 180_000 }, async () => {
    const chance = chanceOf('exchange');
    const tally = new Tally();
    let before = stateOf(now.exchange);
    for (let i = 0; tally.of('refused') < CALLS; i += 1) {
      const { exchange, http, right } = now;
      const request = spoilRequest(right[i % right.length] as Request, chance);
      const show = (): string => request.bytes.subarray(0, 3_000).toString('latin1');
      const answer = await http.send(request.bytes, request.method === 'HEAD');
      if (answer === 'closed') expect.fail(`closed without an answer: ${show()}`);
      const wrong = request.method === 'HEAD' ? undefined : faultOf(answer.status, answer.body);
      if (wrong !== undefined)
        expect.fail(`${answer.status} ${answer.body.slice(0, 300)}: ${wrong}, to ${show()}`);
      const refused = answer.status >= 400;
      tally.count(refused ? 'refused' : 'answered');
      const after = stateOf(exchange);
      if (refused && after !== before) expect.fail(`${answer.status}, and yet something changed: ${show()}`);
      before = after;
      if (!refused && request.method === 'POST') await exchange.call('POST', '/faults', NO_FAULTS);
      if (exchange.core.report().acceptances > MOST_ORDERS) {
        await now.close();
        now = await prepared();
        before = stateOf(now.exchange);
      }
    }
    const { exchange } = now;
    expect((await exchange.call('GET', '/faults')).body).toEqual(NO_FAULTS);
    expect((await exchange.call('GET', '/v2/account')).status).toBe(200);
    tally.expectRefused(0.5, ['refused']);
  });

  it.each([
    ['POST /v2/orders', 0, readNewOrder],
    ['PATCH /v2/orders/{id}', 8, readReplacement],
    ['GET /v2/orders', 3, (query: unknown) => readFilter(query, new Book())],
  ] as const)('of %s are refused or understood', (name, at, read) => {
    const chance = chanceOf(name);
    const tally = new Tally();
    while (tally.of('refused') < CALLS) {
      const input = spoilLeaves(now.right[at]?.body ?? now.right[at]?.query ?? {}, chance);
      try {
        read(input);
        tally.count('understood');
      } catch (error) {
        if (!(error instanceof AlpacaError || (error instanceof WorkstealError && error.code === 'invalid')))
          throw error;
        tally.count('refused');
      }
    }
    tally.expectRefused(0.4, ['refused']);
  });
});
