/**
 * Malformed broker answers, to every request and on the trade updates stream: each is unclear or refused,
 * never another error. Values that are read keep the port's promises, and no room moves on an answer that was
 * not understood (I4).
 */
import { afterAll, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { OrderAnswer, readOrder } from '../../src/broker/alpaca/order-wire.ts';
import { readPosition } from '../../src/broker/alpaca/position-wire.ts';
import { StreamFrame } from '../../src/broker/alpaca/stream-wire.ts';
import {
  AccountAnswer,
  CalendarAnswer,
  decode,
  OrdersAnswer,
  PositionsAnswer,
  QuotesAnswer,
} from '../../src/broker/alpaca/wire.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { BrokerOrder, Oddity, TradeUpdate } from '../../src/broker/port.ts';
import { isDecimal } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { type ScriptedAlpaca, startScriptedAlpaca, wireOrder } from '../support/scripted-alpaca.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { spoil } from './input/spoil.ts';
import { spoilLines } from './input/spoil-lines.ts';
import { Tally } from './input/tally.ts';

const ORDER = wireOrder({ filled_qty: '2.5', filled_avg_price: '180.123456789012' });
const ACCOUNT = {
  equity: '1000.5',
  buying_power: '2001',
  non_marginable_buying_power: '900',
  cash: '900',
  trading_blocked: false,
};
const POSITION = {
  symbol: 'AAPL',
  qty: '-2.5',
  side: 'short',
  cost_basis: '-450.25',
  avg_entry_price: '180.1',
  asset_class: 'us_equity',
};
const QUOTES = { quotes: { AAPL: { ap: 180.5, bp: 180.4, t: '2026-11-20T15:00:00.123456789Z' } } };
const DAYS = [{ date: '2026-11-27', open: '09:30', close: '13:00' }];
const FRAMES = [
  { stream: 'authorization', data: { status: 'authorized', action: 'auth' } },
  { stream: 'listening', data: { streams: ['trade_updates'] } },
  { stream: 'trade_updates', data: { event: 'fill', order: ORDER } },
  { stream: 'news', data: {} },
];

const json = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'null';

/** A body in which leaves are odd, or whose text is spoiled. */
function spoiledBody(right: object, chance: Chance): Buffer {
  return chance.once(3)
    ? spoilLines(JSON.stringify(right, null, 1), chance)
    : Buffer.from(json(spoilLeaves(right, chance)));
}

const isSymbol = (text: string): boolean => /^[A-Z0-9][A-Z0-9.]{0,31}$/.test(text);
const isMicros = (value: number): boolean => Number.isSafeInteger(value);

function isSaneOrder({
  brokerId,
  symbol,
  limit,
  qty,
  filledQty,
  filledAvgPrice,
  state,
  notionalMicros = 0,
}: BrokerOrder): boolean {
  const decimals = [
    qty,
    filledQty,
    ...(limit === null ? [] : [limit]),
    ...(filledAvgPrice === null ? [] : [filledAvgPrice]),
  ];
  const known = ['live', 'filled', 'cancelled', 'rejected', 'expired'].includes(state);
  return (
    /^\P{Cc}{1,128}$/u.test(brokerId) &&
    isSymbol(symbol) &&
    decimals.every(isDecimal) &&
    known &&
    isMicros(notionalMicros)
  );
}

const isNamed = ({ why, id, symbol }: Oddity): boolean =>
  why !== '' && why.length <= 1_000 && id.length <= 128 && symbol.length <= 64;

/** What is read of each answer, and whether it is what the port promises. */
const ANSWERS: Readonly<Record<string, { right: object; read: (body: unknown) => boolean | undefined }>> = {
  order: { right: ORDER, read: (body) => readBy(OrderAnswer, body, isSaneOrder) },
  orders: {
    right: [ORDER, wireOrder({ notional: '100', qty: null })],
    read: (body) =>
      readBy(OrdersAnswer, body, (items) =>
        items
          .map(readOrder)
          .every((read) => ('order' in read ? isSaneOrder(read.order) : isNamed(read.oddity))),
      ),
  },
  account: {
    right: ACCOUNT,
    read: (body) =>
      readBy(AccountAnswer, body, (one) => isMicros(one.equityMicros) && isMicros(one.buyingPowerMicros)),
  },
  positions: {
    right: [POSITION, { ...POSITION, qty: '3', side: 'long', cost_basis: null }],
    read: (body) =>
      readBy(PositionsAnswer, body, (items) =>
        items.map(readPosition).every((read) => {
          if ('oddity' in read) return isNamed(read.oddity);
          const { symbol, qty, costMicros } = read.position;
          return isSymbol(symbol) && isDecimal(qty) && isMicros(costMicros) && costMicros >= 0;
        }),
      ),
  },
  quotes: { right: QUOTES, read: (body) => readBy(QuotesAnswer, body, () => true) },
  calendar: { right: DAYS, read: (body) => readBy(CalendarAnswer, body, () => true) },
  frames: {
    right: FRAMES[2] as object,
    read: (body) =>
      readBy(StreamFrame, body, (frame) => {
        if (frame?.stream !== 'trade_updates') return true;
        return 'order' in frame.data ? isSaneOrder(frame.data.order) : isNamed(frame.data.oddity);
      }),
  },
};

/** Is it sane; undefined where it could not be read. */
function readBy<T>(
  schema: Parameters<typeof decode<T>>[0],
  body: unknown,
  sane: (value: T) => boolean,
): boolean | undefined {
  const decoded = decode(schema, body);
  if (decoded.kind === 'read') return sane(decoded.value);
  return decoded.fault !== '' && decoded.fault.length <= 1_000 ? undefined : false;
}

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** A server that answers what it is told, and the broker's adapter that asks it. */
async function asked(): Promise<{ server: ScriptedAlpaca; broker: AlpacaBroker }> {
  const server = await startScriptedAlpaca();
  closing.push(() => server.close());
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const urls = { tradingUrl: server.url, dataUrl: server.url };
  const broker = new AlpacaBroker({
    ...urls,
    keyId: 'k',
    secretKey: 's',
    limiter: unlimited,
    requestTimeoutMs: 10_000,
    log,
    random: () => 0,
  });
  return { server, broker };
}

const REQUEST = {
  id: 'order-1',
  symbol: 'AAPL',
  side: 'buy',
  limit: '180.5',
  qty: '10',
} as const;

/** Each question, with the right answer to it. */
const QUESTIONS: Readonly<
  Record<string, { ask: (broker: AlpacaBroker) => Promise<unknown>; right: object }>
> = {
  account: { ask: (broker) => broker.account(), right: ACCOUNT },
  positions: { ask: (broker) => broker.positions(), right: [POSITION] },
  openOrders: { ask: (broker) => broker.openOrders(), right: [ORDER] },
  order: { ask: (broker) => broker.order('order-1'), right: ORDER },
  submit: { ask: (broker) => broker.submit(REQUEST), right: ORDER },
  cancel: {
    ask: (broker) => broker.cancel('broker-1'),
    right: { code: 42210000, message: 'order is already in "filled" state' },
  },
  quotes: { ask: (broker) => broker.quotes(['AAPL']), right: QUOTES },
  calendar: { ask: (broker) => broker.calendar('2026-11-01', '2026-12-01'), right: DAYS },
};
const STATUSES = [200, 200, 200, 204, 301, 400, 401, 403, 404, 418, 422, 429, 500, 503];
const KINDS = ['confirmed', 'refused', 'unknown', 'found', 'not_found', 'accepted', 'ended'];
/** More than a read tries, and than a submit asks behind a duplicate. */
const MOST_REQUESTS = 8;

async function interrogate(name: string, times: number): Promise<void> {
  const { server, broker } = await asked();
  const { ask, right } = QUESTIONS[name] as (typeof QUESTIONS)[string];
  const chance = chanceOf(`broker ${name}`);
  const headers = (): Record<string, string> => ({
    'content-type': chance.pick(['application/json', 'text/html', 'x']),
    'retry-after': chance.pick(['0', '-1', 'soon', '']),
  });
  for (let i = 0; i < times; i += 1) {
    const status = chance.pick(STATUSES);
    const body = spoiledBody(right, chance).subarray(0, 200_000).toString('latin1');
    const before = server.seen.length;
    server.script(
      ...Array.from({ length: MOST_REQUESTS }, () => ({
        status,
        body: status === 204 ? '' : body,
        headers: headers(),
      })),
    );
    const show = `${name}: ${status} ${body.slice(0, 500)}`;
    try {
      const { kind } = (await ask(broker)) as { kind?: string };
      if (['submit', 'order', 'cancel'].includes(name)) expect(KINDS, show).toContain(kind);
    } catch (error) {
      if (!(error instanceof WorkstealError) || !['unclear', 'refused', 'keys'].includes(error.code))
        throw new Error(`${show}: ${(error as Error).stack}`);
      expect(error.message.length).toBeLessThan(1_500);
    }
    server.forget();
    expect(server.seen.length - before).toBeLessThanOrEqual(MOST_REQUESTS);
  }
}

describe('malformed answers', () => {
  it.each(Object.keys(ANSWERS))('of %s are read correctly or not at all', (name) => {
    const chance = chanceOf(`answers: ${name}`);
    const { right, read } = ANSWERS[name] as (typeof ANSWERS)[string];
    const tally = new Tally();
    while (tally.of('odd') < CALLS) {
      const body = spoiledBody(right, chance).toString('utf8');
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch {
        tally.count('odd');
        continue;
      }
      const sane = read(parsed);
      if (sane === false) expect.fail(`it was read: ${body.slice(0, 2_000)}`);
      tally.count(sane === undefined ? 'odd' : 'read');
    }
    tally.expectRefused(0.1, ['odd']);
  });

  it('with any status are unclear, refused or understood, with limited retries', async () => {
    await Promise.all(Object.keys(QUESTIONS).map((name) => interrogate(name, Math.ceil(CALLS / 400))));
  });

  it('on the stream end a connection, and the next one goes on', async () => {
    const { server, broker } = await asked();
    const chance = chanceOf('stream');
    const stopping = new AbortController();
    const updates: TradeUpdate[] = [];
    let connections = 0;
    server.onSocket((socket) => {
      connections += 1;
      const good = connections % 2 === 0;
      socket.on('message', () => {
        for (const frame of FRAMES.slice(0, 2)) socket.send(JSON.stringify(frame));
        if (good) socket.send(JSON.stringify(FRAMES[2]));
        else
          for (let i = 0; i < 50; i += 1)
            socket.send(
              chance.once(2) ? spoiledBody(chance.pick(FRAMES), chance) : Buffer.from(spoil('{}', chance)),
            );
      });
    });
    const following = broker.follow((update) => void updates.push(update), stopping.signal);
    await expect
      .poll(() => updates.filter(({ kind }) => kind === 'order').length, { timeout: 60_000 })
      .toBeGreaterThan(2);
    stopping.abort();
    await following;
    for (const update of updates)
      if (update.kind === 'order' && !isSaneOrder(update.order)) expect.fail(JSON.stringify(update));
  });
});
