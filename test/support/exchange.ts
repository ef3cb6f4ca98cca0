/**
 * A paper exchange on a free port, with a market whose prices and time the test sets; and a client that waits
 * for updates.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Exchange } from '../../src/exchange/exchange.ts';
import type { JudgeReport } from '../../src/exchange/judge.ts';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { startExchange } from '../../src/exchange/server.ts';
import { ManualMarket } from '../../src/prices/manual.ts';

const PATIENCE_MS = 30_000;

export type Json = Record<string, unknown>;
export type Answer<T = Json> = { status: number; headers: Headers; body: T };
export type Update = { event: string; order: Json; price?: string; qty?: string; position_qty?: string };

export type TestExchange = {
  url: string;
  market: ManualMarket;
  /** What is behind the wire, for exact sums. */
  core: Exchange;
  /** Moves the real time (and with it the market's) on; nothing else does. */
  pass(ms: number): void;
  /** Sets a price and lets it take effect. */
  price(symbol: string, value: string): void;
  call<T = Json>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  /** Posts a limit order: a crypto as gtc, a stock as day, with the changes given. */
  order(changes: Json): Promise<Answer>;
  byClientId(id: string): Promise<Json>;
  judge(): Promise<JudgeReport>;
  updates(): Promise<Updates>;
  close(): Promise<void>;
};

/** Tuesday 2026-01-20, 10:30 in New York: the session is open. */
export const OPEN_TIME = '2026-01-20T15:30:00Z';

const SYMBOLS = ['BTCUSD', 'ETHUSD', 'AAPL', 'MSFT'];

export async function startTestExchange(settings: ExchangeSettingsInput = {}): Promise<TestExchange> {
  const market = new ManualMarket(SYMBOLS);
  let nowMs = Date.parse('2026-06-01T12:00:00Z');
  const defaults = {
    port: 0,
    start: OPEN_TIME,
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 1,
    replaceDelay: 1,
  };
  const running = await startExchange({ ...defaults, ...settings }, { market, nowMs: () => nowMs });
  const streams: Updates[] = [];

  async function call<T = Json>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(running.url + path, { method, headers: { ...type, ...headers }, ...json });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? null : JSON.parse(text)) as T,
    };
  }

  return {
    url: running.url,
    market,
    core: running.exchange,
    call,
    pass(ms) {
      nowMs += ms;
      running.advance();
    },
    price(symbol, value) {
      market.set(symbol, value);
      running.advance();
    },
    order(changes) {
      const symbol = String(changes['symbol'] ?? 'BTCUSD');
      const time_in_force = symbol.endsWith('USD') ? 'gtc' : 'day';
      return call('POST', '/v2/orders', {
        symbol,
        qty: '1',
        side: 'buy',
        type: 'limit',
        limit_price: '100',
        time_in_force,
        ...changes,
      });
    },
    async byClientId(id) {
      return (await call('GET', `/v2/orders:by_client_order_id?client_order_id=${id}`)).body;
    },
    async judge() {
      return (await call<JudgeReport>('GET', '/judge')).body;
    },
    async updates() {
      const stream = await Updates.open(running.url);
      streams.push(stream);
      return stream;
    },
    async close() {
      for (const stream of streams) stream.close();
      await running.close();
    },
  };
}

/** A client of the trade_updates stream that keeps what it got. */
export class Updates {
  readonly seen: Update[] = [];
  readonly frames: { binary: boolean; message: Json }[] = [];
  readonly socket: WebSocket;
  private readonly waiters = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, binary) => {
      const message = JSON.parse(data.toString()) as Json;
      this.frames.push({ binary, message });
      if (message['stream'] === 'trade_updates') this.seen.push(message['data'] as Update);
      for (const waiter of [...this.waiters]) waiter();
    });
  }

  /** Connected, and nothing said. */
  static async connect(url: string): Promise<Updates> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`);
    const updates = new Updates(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return updates;
  }

  /** Connected, authorized and listening. */
  static async open(url: string): Promise<Updates> {
    const updates = await Updates.connect(url);
    updates.send({ action: 'auth', key: 'k', secret: 's' });
    updates.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    await updates.frame((message) => message['stream'] === 'listening');
    return updates;
  }

  send(message: Json): void {
    this.socket.send(JSON.stringify(message));
  }

  close(): void {
    this.socket.terminate();
  }

  /** The first frame, come or to come, that fits. */
  frame(fits: (message: Json) => boolean): Promise<{ binary: boolean; message: Json }> {
    return this.first('frame', () => this.frames.find(({ message }) => fits(message)));
  }

  /** The first update of this kind, come or to come, of an order by its client order id. */
  next(event: string, clientId: string): Promise<Update> {
    const fits = (update: Update) => update.event === event && update.order['client_order_id'] === clientId;
    return this.first(`${event} of ${clientId}`, () => this.seen.find(fits));
  }

  events(clientId: string): string[] {
    return this.seen
      .filter((update) => update.order['client_order_id'] === clientId)
      .map((update) => update.event);
  }

  private async first<T>(what: string, find: () => T | undefined): Promise<T> {
    const late = new AbortController();
    try {
      return await Promise.race([
        new Promise<T>((resolve) => {
          const look = () => {
            const found = find();
            if (found === undefined) return;
            this.waiters.delete(look);
            resolve(found);
          };
          this.waiters.add(look);
          look();
        }),
        wait(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
          throw new Error(
            `no ${what} within ${PATIENCE_MS} ms; seen: ` +
              `${JSON.stringify(this.seen.map(({ event }) => event))}`,
          );
        }),
      ]);
    } finally {
      late.abort();
    }
  }
}
