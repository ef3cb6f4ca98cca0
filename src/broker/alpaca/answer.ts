/** What an answer of Alpaca's says besides its result: why it refused, when to ask again, what it allows. */
import type { Reception } from './transport.ts';
import { ErrorBody } from './wire.ts';

const MAX_MESSAGE_CHARS = 300;

/** What the headers of an answer say; undefined where they do not. */
export type Told = { dateMs: number | undefined; perMinute: number | undefined };

/** @throws Error that does not quote the text, as the platform's own does */
export function parseJson(text: string): unknown {
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
export function errorOf(
  text: string,
  hide: (text: string) => string,
): { code: number | undefined; message: string; by?: string } {
  try {
    const body = ErrorBody.parse(JSON.parse(text));
    const { code, message, existing_order_id: by } = body;
    if (message !== undefined)
      return { code, message: hide(message).slice(0, MAX_MESSAGE_CHARS), ...(by !== undefined && { by }) };
  } catch {
    // Not JSON, or not an object: the text itself is the message.
  }
  const words = hide(text)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { code: undefined, message: words === '' ? 'no message' : words.slice(0, MAX_MESSAGE_CHARS) };
}

export function toldBy(response: Reception): Told {
  const perMinute = Number(response.headers['x-ratelimit-limit'] ?? 0);
  return { dateMs: dateOf(response), perMinute: perMinute > 0 ? perMinute : undefined };
}

function dateOf({ headers }: Reception): number | undefined {
  const ms = Date.parse(headers.date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** `Retry-After` in seconds, or `X-RateLimit-Reset` in unix seconds against the server's own clock. */
export function retryAfterOf(response: Reception): number {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  if (seconds >= 0) return seconds * 1000;
  const resetMs = Number(response.headers['x-ratelimit-reset'] ?? Number.NaN) * 1000;
  const nowMs = dateOf(response);
  return nowMs !== undefined && resetMs > nowMs ? resetMs - nowMs : 0;
}
