/** Refusals of a server that speaks Alpaca's protocol: an HTTP status and a body `{code, message, ...}`. */
import { shown } from '../domain/shown.ts';

const MAX_MESSAGE = 300;

/** Further fields of the body, such as `buying_power`. */
export type Extra = Readonly<Record<string, unknown>>;

export class AlpacaError extends Error {
  readonly status: number;
  readonly code: number;
  readonly extra: Extra;

  constructor(status: number, code: number, message: string, extra: Extra = {}) {
    super(shown(message, MAX_MESSAGE)); // it may quote the request
    this.name = 'AlpacaError';
    this.status = status;
    this.code = code;
    this.extra = extra;
  }

  body(): Record<string, unknown> {
    return { code: this.code, message: this.message, ...this.extra };
  }
}

/** 403: not allowed, or not enough of something. */
export function forbidden(message: string, extra: Extra = {}): AlpacaError {
  return new AlpacaError(403, 40310000, message, extra);
}

/** 422: the request is malformed, or the market does not accept it. */
export function unprocessable(message: string, code = 40010001): AlpacaError {
  return new AlpacaError(422, code, message);
}

/** 422: the order's state, or a rule for its kind, does not allow it. */
export function wrongState(message: string): AlpacaError {
  return unprocessable(message, 42210000);
}

/** 404. */
export function notFound(message: string): AlpacaError {
  return new AlpacaError(404, 40410000, message);
}

/** 401: no such keys. */
export function unauthorized(): AlpacaError {
  return new AlpacaError(401, 40110000, 'request is not authorized');
}

/** 429. */
export function tooManyRequests(): AlpacaError {
  return new AlpacaError(429, 42910000, 'rate limit exceeded');
}
