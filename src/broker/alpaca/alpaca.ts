/**
 * The adapter for Alpaca's API. Its URLs decide who answers: Alpaca's live or paper trading, or the paper
 * exchange of this project.
 */
import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import { WorkstealError } from '../../domain/errors.ts';
import type { BrokerDay } from '../../rules/broker-calendar.ts';
import type { Limiter } from '../limiter.ts';
import type {
  AssetAnswer,
  Broker,
  BrokerAccount,
  BrokerOrder,
  BrokerPosition,
  BrokerQuote,
  CancelAnswer,
  Oddity,
  OrderAnswer,
  OrderRequest,
  PassAnswer,
  PassRequest,
  ReplaceRequest,
  SubmitAnswer,
  TradeUpdate,
} from '../port.ts';
import { account, positions } from './account.ts';
import { asset } from './assets.ts';
import { calendar } from './calendar.ts';
import { AlpacaHttp } from './http.ts';
import { cancel, endedOrders, openOrders, orderByBrokerId, orderById } from './orders.ts';
import { lastTrades, quotes } from './quotes.ts';
import type { StreamSettings } from './stream.ts';
import { follow } from './stream.ts';
import { replace, submit } from './submissions.ts';

export type AlpacaSettings = {
  /** Such as `https://paper-api.alpaca.markets`. */
  tradingUrl: string;
  /** Such as `https://data.alpaca.markets`. */
  dataUrl: string;
  keyId: string;
  secretKey: string;
  /** The account's budget of requests to the trading host. */
  limiter: Limiter;
  /** The budget for market data; default: `limiter`. */
  dataLimiter?: Limiter;
  requestTimeoutMs: number;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /**
   * The widest spread of a quote with a price, as a share of the midpoint (WORKSTEAL_QUOTE_MAX_SPREAD);
   * default 0.05.
   */
  maxSpread?: number;
  /** Called with each answer that says that the keys are not accepted. */
  onKeysRefused?: (message: string) => void;
  /** How often the stream is checked by a ping; default 10 s. */
  pingMs?: number;
  /** 0 <= x < 1, for the jitter of backoffs; default: the system's random source. */
  random?: () => number;
};

/** Wider quotes come from thin or closed markets, where the midpoint says little. */
const MAX_SPREAD = 0.05;

const anyFraction = (): number => randomInt(2 ** 32) / 2 ** 32;

export class AlpacaBroker implements Broker {
  readonly #trading: AlpacaHttp;
  readonly #data: AlpacaHttp;
  readonly #stream: StreamSettings;
  readonly #log: AlpacaSettings['log'];
  readonly #maxSpread: number;

  /**
   * @throws WorkstealError `settings` where a URL is invalid, or would send Alpaca's keys unencrypted.
   */
  constructor(settings: AlpacaSettings) {
    const {
      onKeysRefused,
      keyId,
      secretKey,
      limiter,
      dataLimiter = limiter,
      requestTimeoutMs,
      log,
      pingMs = 10_000,
      random = anyFraction,
    } = settings;
    const tradingUrl = checkUrl('tradingUrl', settings.tradingUrl);
    const dataUrl = checkUrl('dataUrl', settings.dataUrl);
    this.#trading = new AlpacaHttp({
      baseUrl: tradingUrl,
      keyId,
      secretKey,
      limiter,
      requestTimeoutMs,
      random,
      isTrading: true,
      onKeysRefused,
    });
    this.#data = new AlpacaHttp({
      baseUrl: dataUrl,
      keyId,
      secretKey,
      limiter: dataLimiter,
      requestTimeoutMs,
      random,
      isTrading: false,
      onKeysRefused,
    });
    this.#stream = { tradingUrl, keyId, secretKey, handshakeTimeoutMs: requestTimeoutMs, pingMs, random };
    this.#log = log;
    this.#maxSpread = settings.maxSpread ?? MAX_SPREAD;
  }

  account(signal?: AbortSignal): Promise<BrokerAccount> {
    return account(this.#trading, signal);
  }

  positions(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerPosition[]> {
    return positions(this.#trading, signal, onOdd);
  }

  openOrders(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerOrder[]> {
    return openOrders(this.#trading, signal, onOdd);
  }

  endedOrders(signal?: AbortSignal): Promise<Pick<BrokerOrder, 'id' | 'brokerId'>[]> {
    return endedOrders(this.#trading, signal);
  }

  order(id: string, signal?: AbortSignal): Promise<OrderAnswer> {
    return orderById(this.#trading, id, signal);
  }

  orderByBrokerId(brokerId: string, signal?: AbortSignal): Promise<OrderAnswer> {
    return orderByBrokerId(this.#trading, brokerId, signal);
  }

  async submit(request: OrderRequest, signal?: AbortSignal, mayLeave?: () => boolean): Promise<SubmitAnswer> {
    const answer = await submit(this.#trading, request, signal, mayLeave);
    if (answer.kind !== 'confirmed')
      this.#log.warn({ order: request.id, ...answer }, `${request.symbol}: submit ${answer.kind}`);
    return answer;
  }

  async replace(
    request: ReplaceRequest,
    signal?: AbortSignal,
    mayLeave?: () => boolean,
  ): Promise<SubmitAnswer> {
    const answer = await replace(this.#trading, request, signal, mayLeave);
    if (answer.kind !== 'confirmed')
      this.#log.warn({ order: request.id, ...answer }, `${request.symbol}: replace ${answer.kind}`);
    return answer;
  }

  async cancel(brokerId: string, signal?: AbortSignal): Promise<CancelAnswer> {
    const answer = await cancel(this.#trading, brokerId, signal);
    if (answer.kind === 'unknown') this.#log.warn({ brokerId, ...answer }, 'cancel unknown');
    return answer;
  }

  async pass({ host, path, query }: PassRequest, signal?: AbortSignal): Promise<PassAnswer> {
    const http = host === 'data' ? this.#data : this.#trading;
    const answer = await http.get({ path, query, priority: 'query', signal });
    if (answer.kind === 'ok') return { kind: 'answered', status: 200, body: answer.body };
    const { message } = answer;
    if (answer.kind !== 'refused') return { kind: 'unknown', message };
    const { status, code = status * 100_000 } = answer;
    return { kind: 'answered', status, body: { code, message } };
  }

  asset(symbol: string, signal?: AbortSignal): Promise<AssetAnswer> {
    return asset(this.#trading, symbol, signal);
  }

  quotes(
    symbols: readonly string[],
    signal?: AbortSignal,
    onUnpriced?: (symbol: string, why: string) => void,
  ): Promise<BrokerQuote[]> {
    return quotes(this.#data, symbols, { maxSpread: this.#maxSpread, onUnpriced, signal });
  }

  lastTrades(symbols: readonly string[], signal?: AbortSignal): Promise<{ symbol: string; price: string }[]> {
    return lastTrades(this.#data, symbols, signal);
  }

  calendar(from: string, to: string, signal?: AbortSignal): Promise<BrokerDay[]> {
    return calendar(this.#trading, from, to, signal);
  }

  follow(onUpdate: (update: TradeUpdate) => void, signal: AbortSignal): Promise<void> {
    let away = false;
    const deliver = (update: TradeUpdate): void => {
      if (update.kind === 'disconnected') {
        // One line for an outage; each further attempt is a matter of debugging.
        const words = `trade updates: disconnected: ${update.message}; trying again until they are back`;
        this.#log[away ? 'debug' : 'warn'](words);
        away = true;
      } else if (update.kind === 'connected') {
        this.#log.info('trade updates: connected');
        away = false;
      }
      try {
        onUpdate(update);
      } catch (error) {
        this.#log.warn({ err: error }, 'trade updates: the handler of an update failed');
      }
    };
    return follow(this.#stream, deliver, signal);
  }
}

function checkUrl(field: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new WorkstealError('settings', `${field}: "${value}" is not an http or https URL`, {
      field,
      value,
    });
  }
  if (url.protocol === 'http:' && url.hostname.endsWith('alpaca.markets')) {
    throw new WorkstealError('settings', `${field}: "${value}" would send the keys unencrypted; use https`, {
      field,
      value,
    });
  }
  return url.origin;
}
