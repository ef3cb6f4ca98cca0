/**
 * One request to Alpaca and its outcome: an answer, a refusal, or no answer. Only reads are retried.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { secretHider } from '../../domain/secrets.ts';
import type { Limiter, Priority } from '../limiter.ts';
import type { RefusalNumbers } from '../port.ts';
import { errorOf, parseJson, retryAfterOf, type Told, toldBy } from './answer.ts';
import { connectionFault } from './connection-fault.ts';
import { NotSent, transmit } from './transport.ts';
import { decode } from './wire.ts';

const READ_ATTEMPTS = 4;
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;

export type HttpSettings = {
  /** Scheme and host, such as `https://paper-api.alpaca.markets`. */
  baseUrl: string;
  keyId: string;
  secretKey: string;
  limiter: Limiter;
  /** The time limit of one attempt, the body included. The wait for the limiter is not part of it. */
  requestTimeoutMs: number;
  /** 0 <= x < 1, for the jitter of the backoff. */
  random: () => number;
  /**
   * True for the trading host: there a 403 to a GET means that the keys are not accepted. From the market
   * data host it means a missing subscription.
   */
  isTrading: boolean;
  /** Called with each answer that says that the keys are not accepted. */
  onKeysRefused?: ((message: string) => void) | undefined;
};

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
  priority: Priority;
  signal?: AbortSignal | undefined;
  /** Called just before the bytes are written; false: nothing is sent. Default: always true. */
  mayLeave?: (() => boolean) | undefined;
};

export type HttpAnswer =
  /**
   * 2xx. `body` is parsed JSON, undefined when empty; `dateMs` is the server's clock, to the second;
   * `perMinute`: the requests that it allows.
   */
  | ({ kind: 'ok'; body: unknown } & Told)
  /**
   * 4xx: it was not carried out. `code` is Alpaca's own; `by`: the order in the way, where it names one;
   * `retryAfterMs` is 0 where the server gave no wait.
   */
  | ({ kind: 'refused'; message: string; retryAfterMs: number } & RefusalNumbers)
  /** Timeout, reset, 5xx, an unreadable body: it may or may not have been carried out. */
  | { kind: 'lost'; message: string }
  /**
   * Nothing left this process: the limiter had no point free, the caller gave up before, or `mayLeave`
   * returned false.
   */
  | { kind: 'unsent'; message: string };

export class AlpacaHttp {
  readonly #settings: HttpSettings;
  /**
   * Removes the keys from messages, which are logged and kept in the queue: an error page of the broker or of
   * a proxy may show the headers of the request.
   */
  readonly #hide: (text: string) => string;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#hide = secretHider([settings.keyId, settings.secretKey]);
  }

  /** Sends once. Never throws. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { limiter, requestTimeoutMs } = this.#settings;
    const { signal } = request;
    try {
      await limiter.take({ priority: request.priority, signal });
      signal?.throwIfAborted();
    } catch (error) {
      return {
        kind: 'unsent',
        message: `not sent: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
    const deadline = AbortSignal.timeout(requestTimeoutMs);
    try {
      const answer = await this.#exchange(
        request,
        signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      );
      if (this.#isAboutKeys(request.method, answer))
        this.#settings.onKeysRefused?.(`${request.method} ${request.path}: ${messageOf(answer)}`);
      return answer;
    } catch (error) {
      if (error instanceof NotSent) return { kind: 'unsent', message: `not sent: ${error.message}` };
      const why = deadline.aborted
        ? `no answer within ${requestTimeoutMs} ms`
        : signal?.aborted
          ? 'given up'
          : this.#hide(connectionFault(error, new URL(this.#settings.baseUrl).host));
      return { kind: 'lost', message: `${request.method} ${request.path}: ${why}` };
    }
  }

  /**
   * Reads. Retries a few times where no answer came, or a 429.
   * @throws WorkstealError `keys` where they are not accepted; `refused` for any other 4xx but 429; `unclear`
   *   where no usable answer came.
   */
  async read<T>(
    request: Omit<HttpRequest, 'method' | 'body'>,
    schema: z.ZodType<T>,
  ): Promise<{ body: T } & Told> {
    const answer = await this.get(request);
    if (answer.kind === 'ok') {
      const decoded = decode(schema, answer.body);
      const { dateMs, perMinute } = answer;
      if (decoded.kind === 'read') return { body: decoded.value, dateMs, perMinute };
      const message = `broker: unexpected answer to GET ${request.path}: ${this.#hide(decoded.fault)}`;
      throw new WorkstealError('unclear', message, { path: request.path }, undefined, this.#next());
    }
    if (answer.kind === 'refused' && answer.status !== 429) {
      const details = { path: request.path, status: String(answer.status), code: String(answer.code ?? '') };
      if (this.#isAboutKeys('GET', answer)) {
        const message =
          `the broker does not accept the keys: GET ${request.path} was refused with ${answer.status}: ` +
          answer.message;
        throw new WorkstealError('keys', message, details);
      }
      throw new WorkstealError(
        'refused',
        `broker: GET ${request.path} was refused with ${answer.status}: ${answer.message}`,
        details,
      );
    }
    const facts = { path: request.path };
    throw new WorkstealError('unclear', `broker: ${answer.message}`, facts, undefined, this.#next());
  }

  /** What to do where a question was not answered. Nothing is known to have changed. */
  #next(): string {
    const variable = this.#settings.isTrading ? 'APCA_API_BASE_URL' : 'APCA_API_DATA_URL';
    return `it is asked again; if it lasts, check ${variable} and the network`;
  }

  /** A GET with the same retries as `read`; returns the last answer. Never throws. */
  async get(request: Omit<HttpRequest, 'method' | 'body'>): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.send({ ...request, method: 'GET' });
      const again = answer.kind === 'lost' || (answer.kind === 'refused' && answer.status === 429);
      if (!again || attempt === READ_ATTEMPTS || request.signal?.aborted) return answer;
      const backoffMs = BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + this.#settings.random() / 2);
      const askedMs = answer.kind === 'refused' ? answer.retryAfterMs : 0;
      try {
        await sleep(Math.min(MAX_BACKOFF_MS, Math.max(backoffMs, askedMs)), undefined, {
          signal: request.signal,
        });
      } catch {
        return answer; // the caller gave up
      }
    }
  }

  /** A 403 to an order has many causes; for unknown keys Alpaca says "forbidden.". */
  #isAboutKeys(method: HttpRequest['method'], answer: HttpAnswer): boolean {
    if (answer.kind !== 'refused') return false;
    if (answer.status === 401) return true;
    return (
      answer.status === 403 &&
      this.#settings.isTrading &&
      (method === 'GET' || /^forbidden\.?$/i.test(answer.message))
    );
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { baseUrl, keyId, secretKey } = this.#settings;
    const url = new URL(request.path, baseUrl);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const json = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await transmit({
      method: request.method,
      url, // redirects are not followed, so the keys go to the configured host only
      headers: {
        'APCA-API-KEY-ID': keyId,
        'APCA-API-SECRET-KEY': secretKey,
        accept: 'application/json',
        ...json,
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal,
      mayLeave: request.mayLeave ?? (() => true),
    });
    const { status, text } = response;
    if (status >= 200 && status < 300)
      return { kind: 'ok', body: text === '' ? undefined : parseJson(text), ...toldBy(response) };
    const { message, ...more } = errorOf(text, this.#hide);
    if (status >= 400 && status < 500 && status !== 408) {
      return { kind: 'refused', status, message, ...more, retryAfterMs: retryAfterOf(response) };
    }
    return { kind: 'lost', message: `${request.method} ${request.path}: status ${status}: ${message}` };
  }
}

function messageOf(answer: HttpAnswer): string {
  return answer.kind === 'refused' ? `${answer.status} ${answer.message}` : answer.kind;
}
