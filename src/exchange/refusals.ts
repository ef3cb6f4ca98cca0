/** Refusals of the exchange, in Alpaca's form: an HTTP status and a body `{code, message, ...}`. */
import { shown } from '../domain/shown.ts';

const MAX_MESSAGE = 300;

export class ExchangeRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly extra: Readonly<Record<string, string>>;

  constructor(status: number, code: number, message: string, extra: Record<string, string> = {}) {
    super(shown(message, MAX_MESSAGE)); // it may quote the request
    this.name = 'ExchangeRefusal';
    this.status = status;
    this.code = code;
    this.extra = extra;
  }

  body(): Record<string, string | number> {
    return { code: this.code, message: this.message, ...this.extra };
  }
}

/** 403: not allowed, or not enough of something. */
export function forbidden(message: string, extra: Record<string, string> = {}): ExchangeRefusal {
  return new ExchangeRefusal(403, 40310000, message, extra);
}

/** 422: the request is malformed, or the market does not accept it. */
export function unprocessable(message: string, code = 40010001): ExchangeRefusal {
  return new ExchangeRefusal(422, code, message);
}

/** 422: the order's state, or a rule for its kind, does not allow it. */
export function wrongState(message: string): ExchangeRefusal {
  return unprocessable(message, 42210000);
}

/** 404. */
export function notFound(message: string): ExchangeRefusal {
  return new ExchangeRefusal(404, 40410000, message);
}
