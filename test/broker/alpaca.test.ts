/** Alpaca's adapter keeps the promises of the port, with the paper exchange on the other side of the wire. */
import { z } from 'zod';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import type { BrokerStage } from '../../src/broker/conformance/index.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import { startExchange } from '../../src/exchange/server.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { startAmendedExchange } from '../support/amended-exchange.ts';
import { conformsToPort } from './conforms-to-port.ts';

const [SYMBOL, UNPRICED, UNKNOWN] = ['AAPL', 'MSFT', 'NOBODY'];
const PRICE = '200';
const TIMEOUT_MS = 3_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

const Placed = z.object({ id: z.string() });

/** An order and a position on Alpaca's wire that nobody can count. */
const ODD = {
  order: { id: 'odd', client_order_id: 'odd', symbol: SYMBOL, qty: '1', side: 'sideways', status: 'new' },
  position: { symbol: 'ODD', qty: '1', side: 'long' },
};

async function alpacaStage(): Promise<BrokerStage> {
  const market = new ManualMarket([SYMBOL, UNPRICED]);
  const exchange = await startExchange(
    {
      port: 0,
      equity: '100000',
      rateLimit: 0,
      partialRate: 0,
      cancelDelay: 1,
      replaceDelay: 2_000,
      tick: 1_000,
    },
    { market },
  );
  const proxy = await startAmendedExchange(exchange.url);
  const price = (value: string): void => {
    market.set(SYMBOL, value);
    exchange.advance();
  };
  const call = async (method: string, path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(exchange.url + path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  };
  const faults = async (changes: object): Promise<void> => void (await call('POST', '/faults', changes));
  price(PRICE);
  const urls = { tradingUrl: proxy.url, dataUrl: proxy.url, keyId: 'k', secretKey: 's' };
  const broker = new AlpacaBroker({
    ...urls,
    limiter: unlimited,
    requestTimeoutMs: TIMEOUT_MS,
    log: quiet,
    random: () => 0,
  });
  const submitFaults = { reply_lost: { loseReplies: 1 }, request_lost: { failRequests: 1 } };
  const replaceFaults = { reply_lost: { loseReplaceReplies: 1 }, request_lost: { failRequests: 1 } };
  const cancelFaults = {
    reply_lost: { loseCancelReplies: 1 },
    held: { stickCancels: 1 },
    filled_first: { fillOnCancel: 1, fillOnCancelShare: 1 },
    given_up: { rejectCancels: 1 },
  };
  return {
    broker,
    symbol: SYMBOL,
    unpriced: UNPRICED,
    unknown: UNKNOWN,
    nextSubmit: (fault) => faults(submitFaults[fault]),
    nextCancel: (fault) => faults(cancelFaults[fault]),
    finishCancel: () => faults({ stickCancels: 0 }),
    async fill({ limit }, share) {
      if (share === 'part') await faults({ partFills: 1 });
      price(limit ?? PRICE);
      price(PRICE);
    },
    halt: (symbol) => faults({ haltedSymbols: [symbol] }),
    refuseKeys: () => faults({ rejectKeys: 401 }),
    fallSilent: async (how) => proxy.fallSilent(how),
    cutStream: () => faults({ disconnectStreams: true }),
    addUnreadable: async (what) =>
      proxy.amend(what === 'order' ? '/v2/orders' : '/v2/positions', (told) => [
        ...(told as object[]),
        ODD[what],
      ]),
    change: async ({ brokerId }, { limit }) =>
      void (await call('PATCH', `/v2/orders/${brokerId}`, { limit_price: limit })),
    nextReplace: (fault) => faults(replaceFaults[fault]),
    async buyAtMarket() {
      const order = { symbol: SYMBOL, side: 'buy', type: 'market', qty: '1', time_in_force: 'day' };
      return Placed.parse(await call('POST', '/v2/orders', order)).id;
    },
    async close() {
      await proxy.close();
      await exchange.close();
    },
  };
}

conformsToPort('Alpaca, at the paper exchange', alpacaStage);
