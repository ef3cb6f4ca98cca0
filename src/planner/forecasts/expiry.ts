/**
 * When an entry expires: at a given time, at the market's close, or after a duration. Without an expiry it
 * depends on the market.
 */
import { WorkstealError } from '../../domain/errors.ts';
import { readInstant, whyNoInstant } from '../../domain/instant.ts';
import { shown } from '../../domain/shown.ts';
import { isCryptoSymbol } from '../../domain/symbol.ts';
import { NO_VALUE } from '../../domain/written.ts';

/** `close`: New York's next close. `usual`: the close for stocks, one day for cryptos. */
export type Expiry =
  | { kind: 'at'; atMs: number }
  | { kind: 'close' }
  | { kind: 'after'; ms: number }
  | { kind: 'usual' };

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const MAX_MS = 366 * DAY_MS;

const DURATION = /^(?=\d)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/i;

/**
 * Parses `2026-11-27T13:00:00-05:00`, `close`, `90m`, `1d12h` or ''.
 * @throws WorkstealError `invalid` for any other text
 */
export function readExpiry(text: string): Expiry {
  if (text === '') return { kind: 'usual' };
  if (text.toLowerCase() === 'close') return { kind: 'close' };
  const [whole, days = 0, hours = 0, minutes = 0, seconds = 0] = DURATION.exec(text) ?? [];
  if (whole !== undefined) {
    const ms =
      Number(days) * DAY_MS + (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS;
    if (ms > 0 && ms <= MAX_MS) return { kind: 'after', ms };
    throw fault(text, 'is not between 1s and 366d');
  }
  const atMs = readInstant(text);
  if (atMs !== undefined) return { kind: 'at', atMs };
  throw fault(text, whyNoExpiry(text));
}

/** `4 hours`, `90min`: a duration in other words. */
const LONG_DURATION = /^(\d+) ?(d|h|m|s)(ays?|ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)$/i;

function whyNoExpiry(text: string): string {
  if (NO_VALUE.test(text)) return 'is not a time: write nothing if there is none';
  const [, count = '', unit = ''] = LONG_DURATION.exec(text) ?? [];
  if (count !== '') return `is not a duration: write ${count}${unit.toLowerCase()}`;
  if (/^(day|eod)$/i.test(text)) return 'is not a time: write "close"';
  return `${whyNoInstant(text)}, "close", or a duration such as 4h`;
}

/**
 * The expiry of a plan that is filed now. `term` is the same for the same forecast at a later filing, though
 * a duration then gives another `expiresAtMs`.
 */
export type Resolved = { expiresAtMs: number; term: string };

/**
 * @param nextClose New York's next close after now, ms
 * @throws WorkstealError `invalid` for a time that is over or too far ahead, or that the calendar does not
 *   cover
 */
export function resolveExpiry(
  expiry: Expiry,
  symbol: string,
  nowMs: number,
  nextClose: () => number,
): Resolved {
  if (expiry.kind === 'at') {
    if (expiry.atMs > nowMs && expiry.atMs <= nowMs + MAX_MS) return until(expiry.atMs);
    throw fault(
      new Date(expiry.atMs).toISOString(),
      expiry.atMs <= nowMs
        ? `is over (the ledger's time is ${new Date(nowMs).toISOString()})`
        : 'is more than 366 days ahead',
    );
  }
  if (expiry.kind === 'after') return { expiresAtMs: nowMs + expiry.ms, term: `+${expiry.ms}` };
  if (expiry.kind === 'usual' && isCryptoSymbol(symbol))
    return { expiresAtMs: nowMs + DAY_MS, term: `+${DAY_MS}` };
  return until(nextClose());
}

const until = (atMs: number): Resolved => ({ expiresAtMs: atMs, term: String(atMs) });

function fault(text: string, what: string): WorkstealError {
  return new WorkstealError('invalid', `expiry "${shown(text, 40)}" ${what}`, {
    field: 'expiry',
    value: text,
  });
}
