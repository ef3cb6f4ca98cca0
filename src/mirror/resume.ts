/**
 * May a reader of an account's events continue after the last id that it has seen? If not, events may be
 * missing between that id and what the stream holds now.
 */
import type { Redis } from 'ioredis';
import { NEVER_TRIMMED_BELOW } from '../history/reading.ts';
import { answerOf } from '../ledger/answer.ts';
import { type LedgerEvent, readEvent } from '../ledger/events.ts';
import { BEFORE_ALL, compareIds } from './stream-id.ts';

/**
 * `trimmed`: the stream has dropped events that were not read; it keeps some 20,000. `rebuilt`: the ledger
 * was wiped, and its stream begins anew. `behind`: the ledger lost events that were read, after a failover or
 * from an older copy.
 */
export const RESET_REASONS = ['trimmed', 'rebuilt', 'behind'] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

/** The id of the last event, BEFORE_ALL without one. @throws WorkstealError `unavailable` */
export async function lastIdOf(redis: Redis, stream: string): Promise<string> {
  const last = await answerOf('events', redis.xrevrange(stream, '+', '-', 'COUNT', 1));
  return last[0]?.[0] ?? BEFORE_ALL;
}

/** Why events after `id` may be missing; undefined when none are. @throws WorkstealError `unavailable` */
export async function whyNotResumable(
  redis: Redis,
  stream: string,
  id: string,
): Promise<ResetReason | undefined> {
  if (id === BEFORE_ALL) return undefined;
  const [first, last, same, length] = await answerOf(
    'events',
    Promise.all([
      redis.xrange(stream, '-', '+', 'COUNT', 1),
      redis.xrevrange(stream, '+', '-', 'COUNT', 1),
      redis.xrange(stream, id, id, 'COUNT', 1),
      redis.xlen(stream),
    ]),
  );
  const [firstId, lastId] = [first[0]?.[0], last[0]?.[0]];
  if (firstId === undefined || lastId === undefined) return 'rebuilt';
  if (compareIds(id, lastId) > 0) return 'behind';
  if (compareIds(id, firstId) < 0) return length < NEVER_TRIMMED_BELOW ? 'rebuilt' : 'trimmed';
  return same.length === 0 ? 'behind' : undefined;
}

/** At most `count` events after `id`. @throws WorkstealError `unavailable` */
export async function eventsAfter(
  redis: Redis,
  stream: string,
  id: string,
  count: number,
): Promise<LedgerEvent[]> {
  const entries = await answerOf('events', redis.xrange(stream, `(${id}`, '+', 'COUNT', count));
  return entries.map(([entry, flat]) => readEvent(entry, flat));
}
