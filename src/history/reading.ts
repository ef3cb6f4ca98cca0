/** Reads a period of an account's events, in pieces: none keeps Redis from others for long. */
import type { Redis } from 'ioredis';
import { answerOf } from '../ledger/answer.ts';
import { type LedgerEvent, readEvent } from '../ledger/events.ts';

const BATCH = 250;
/** Before the period, so many events are looked at for what the cap held when it began. */
const LOOKED_BEFORE = 250;

/**
 * The last event before the period that says what the cap held.
 * @throws WorkstealError `unavailable`
 */
export async function lastTotalsBefore(
  redis: Redis,
  stream: string,
  fromMs: number,
): Promise<LedgerEvent | undefined> {
  const before = redis.xrevrange(stream, `(${fromMs}-0`, '-', 'COUNT', LOOKED_BEFORE);
  const entries = await answerOf('events', before);
  const found = entries.find(([, flat]) => flat.includes('totals'));
  return found === undefined ? undefined : readEvent(...found);
}

/**
 * The events from `fromMs` (the server's time) up to the event `to`, or to the end.
 * @throws WorkstealError `unavailable`
 */
export async function* eventsOf(
  redis: Redis,
  stream: string,
  fromMs: number,
  to = '+',
): AsyncGenerator<LedgerEvent> {
  let from = `${Math.max(0, fromMs)}-0`;
  for (;;) {
    const entries = await answerOf('events', redis.xrange(stream, from, to, 'COUNT', BATCH));
    for (const [id, flat] of entries) yield readEvent(id, flat);
    const last = entries.at(-1)?.[0];
    if (last === undefined || entries.length < BATCH) return;
    from = `(${last}`;
  }
}

/** The server's time of the first event that the stream still holds; undefined without one. */
export async function firstEventMs(redis: Redis, stream: string): Promise<number | undefined> {
  const [first] = await answerOf('events', redis.xrange(stream, '-', '+', 'COUNT', 1));
  return first === undefined ? undefined : Number.parseInt(first[0], 10);
}

/** A stream with fewer entries was never trimmed (EVENTS_LIMIT in lua/include/events.lua). */
export const NEVER_TRIMMED_BELOW = 20_000;
