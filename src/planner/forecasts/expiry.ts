/**
 * When an entry is given up: an instant, the market's close, a while; or what suits the market where nothing
 * was said.
 */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { isCryptoSymbol } from '../../domain/symbol.ts';

/** `close`: of New York, the next one. `usual`: for stocks that close, for cryptos a day. */
export type Expiry =
  | { kind: 'at'; atMs: number }
  | { kind: 'close' }
  | { kind: 'after'; ms: number }
  | { kind: 'usual' };

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const LONGEST_MS = 366 * DAY_MS;

const ISO = z.iso.datetime({ offset: true });
const DURATION = /^(?=\d)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/i;

/**
 * `2026-11-27T13:00:00-05:00`, `close`, `90m`, `1d12h`, '' -> what is meant.
 * @throws WorkstealError `invalid`
 */
export function readExpiry(text: string): Expiry {
  if (text === '') return { kind: 'usual' };
  if (text.toLowerCase() === 'close') return { kind: 'close' };
  const [whole, days = 0, hours = 0, minutes = 0, seconds = 0] = DURATION.exec(text) ?? [];
  if (whole !== undefined) {
    const ms =
      Number(days) * DAY_MS + (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS;
    if (ms > 0 && ms <= LONGEST_MS) return { kind: 'after', ms };
    throw fault(text, 'is not between 1s and 366d');
  }
  if (!ISO.safeParse(text).success)
    throw fault(text, 'is no time with its zone (2026-11-27T13:00:00-05:00), "close" or a while such as 4h');
  return { kind: 'at', atMs: Date.parse(text) };
}

/** An expiry's instant for a plan that is filed now; `term` is the same word as long as the same is meant. */
export type Resolved = { expiresAtMs: number; term: string };

/**
 * `nextClose`: of New York, after now.
 * @throws WorkstealError `invalid` for a time that is over, or one that the calendar does not cover
 */
export function resolveExpiry(
  expiry: Expiry,
  symbol: string,
  nowMs: number,
  nextClose: () => number,
): Resolved {
  if (expiry.kind === 'at') {
    if (expiry.atMs > nowMs && expiry.atMs <= nowMs + LONGEST_MS) return until(expiry.atMs);
    const told = new Date(expiry.atMs).toISOString();
    throw fault(
      told,
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
