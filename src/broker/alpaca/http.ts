/**
 * One request to Alpaca and its outcome: an answer, a refusal, or no answer. Only reads are retried.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { secretHider } from '../../domain/secrets.ts';
import type { Limiter, Priority } from '../limiter.ts';
import { NotSent, type Reception, transmit } from './transport.ts';
import { decode, ErrorBody } from './wire.ts';

const READ_ATTEMPTS = 4;
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const MAX_MESSAGE_CHARS = 300;

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
  method: 'GET' | 'POST' | 'DELETE';
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
   * 4xx: it was not carried out. `code` is Alpaca's own; `retryAfterMs` is 0 where the server gave no wait.
   */
  | { kind: 'refused'; status: number; code: number | undefined; message: string; retryAfterMs: number }
  /** Timeout, reset, 5xx, an unreadable body: it may or may not have been carried out. */
  | { kind: 'lost'; message: string }
  /**
   * Nothing left this process: the limiter had no point free, the caller gave up before, or `mayLeave`
   * returned false.
   */
  | { kind: 'unsent'; message: string };

/** What the headers of an answer say; undefined where they do not. */
type Told = { dateMs: number | undefined; perMinute: number | undefined };

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
      return { kind: 'unsent', message: `not sent: ${describe(error)}` };
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
          : this.#hide(describe(error));
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
      throw new WorkstealError('unclear', message, { path: request.path });
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
    throw new WorkstealError('unclear', `broker: ${answer.message}`, { path: request.path });
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
    const { code, message } = errorOf(text, this.#hide);
    if (status >= 400 && status < 500 && status !== 408) {
      return { kind: 'refused', status, code, message, retryAfterMs: retryAfterOf(response) };
    }
    return { kind: 'lost', message: `${request.method} ${request.path}: status ${status}: ${message}` };
  }
}

function messageOf(answer: HttpAnswer): string {
  return answer.kind === 'refused' ? `${answer.status} ${answer.message}` : answer.kind;
}

/** @throws Error that does not quote the text, as the platform's own does */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
}

/**
 * Alpaca's `{code, message}`, or the start of any other body (a 401 may be an HTML page). Secrets are hidden
 * before the text is cut.
 */
function errorOf(
  text: string,
  hide: (text: string) => string,
): { code: number | undefined; message: string } {
  try {
    const body = ErrorBody.parse(JSON.parse(text));
    if (body.message !== undefined)
      return { code: body.code, message: hide(body.message).slice(0, MAX_MESSAGE_CHARS) };
  } catch {
    // Not JSON, or not an object: the text itself is the message.
  }
  const words = hide(text)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { code: undefined, message: words === '' ? 'no message' : words.slice(0, MAX_MESSAGE_CHARS) };
}

function toldBy(response: Reception): Told {
  const perMinute = Number(response.headers['x-ratelimit-limit'] ?? 0);
  return { dateMs: dateOf(response), perMinute: perMinute > 0 ? perMinute : undefined };
}

function dateOf({ headers }: Reception): number | undefined {
  const ms = Date.parse(headers.date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** `Retry-After` in seconds, or `X-RateLimit-Reset` in unix seconds against the server's own clock. */
function retryAfterOf(response: Reception): number {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  if (seconds >= 0) return seconds * 1000;
  const resetMs = Number(response.headers['x-ratelimit-reset'] ?? Number.NaN) * 1000;
  const nowMs = dateOf(response);
  return nowMs !== undefined && resetMs > nowMs ? resetMs - nowMs : 0;
}

/** Where all addresses of a host fail, Node throws one error without a message of its own. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join(', ');
  return error instanceof Error ? error.message : String(error);
}
