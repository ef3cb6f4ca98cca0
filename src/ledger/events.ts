/**
 * The account's event stream (lua/include/events.lua) wakes processes that wait. An event is a hint: ask the
 * ledger before acting on it. The stream needs its own connection, because reading it blocks.
 */
import { connect } from '../redis/connect.ts';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import { ReadPace } from './read-pace.ts';
import type { Fields } from './reply.ts';

/**
 * `type` is one of reserved, working, fill, amended, ended, stolen, granted, steal_failed, fight, cancelling,
 * plan_filed, …
 */
export type LedgerEvent = { id: string; type: string; fields: Fields };

const BLOCK_MS = 1_000;
/** Longer than BLOCK_MS: without any answer by then the connection is dead. */
const SILENCE_LIMIT_MS = 5_000;
const BATCH = 500;

/**
 * `onGap`: events may be missing. `after`: a stream id. `pace`: for who may be in a hurry; of a busy account
 * several events are read together, up to 10 ms late.
 */
export type FollowOptions = {
  onGap?: (() => void) | undefined;
  after?: string | undefined;
  pace?: ReadPace;
};

/**
 * Calls `onEvent` for each event in order, until the signal aborts. Begins with the next event, or with the
 * first one after the stream id `after`.
 *
 * After a lost connection it calls `onGap` and continues where it was, so it misses nothing that the stream
 * still holds. If the stream's last id is before the id that was read last, it is a different stream: the
 * ledger was wiped, or replaced by an older copy. Then it calls `onGap` and continues at that stream's end.
 * @throws WorkstealError `unavailable` when Redis refuses the read: it is loading, busy, or became a replica
 */
export async function followEvents(
  url: string,
  account: string,
  onEvent: (event: LedgerEvent) => void,
  signal: AbortSignal,
  { onGap = () => {}, after, pace = new ReadPace() }: FollowOptions = {},
): Promise<void> {
  const redis = connect(url, account, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    socketTimeout: SILENCE_LIMIT_MS,
  });
  redis.on('error', () => {});
  redis.on('close', () => onGap());
  const stop = () => redis.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  const stream = key(account, 'events');
  try {
    const end = async (): Promise<string> => {
      const last = await answerOf(
        'events',
        unlessAborted(redis.xrevrange(stream, '+', '-', 'COUNT', 1), signal),
      );
      return last[0]?.[0] ?? '0-0';
    };
    let from = after ?? (await end());
    while (!signal.aborted) {
      const reading = redis.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', stream, from);
      const answer = await answerOf('events', unlessAborted(reading, signal));
      if (answer === null) {
        const last = await end();
        if (isEarlier(last, from)) {
          from = last;
          onGap();
        }
      }
      for (const [id, flat] of answer?.[0]?.[1] ?? []) {
        from = id;
        onEvent(readEvent(id, flat));
      }
      if (answer !== null) await pace.pause(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    redis.disconnect();
  }
}

/** An entry of the stream as an event. */
export function readEvent(id: string, flat: readonly string[]): LedgerEvent {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return { id, type: fields['type'] ?? '', fields };
}

/** Compares two ids of a stream, `ms-number`. */
export function isEarlier(one: string, other: string): boolean {
  const [[oneMs = 0, oneAt = 0], [otherMs = 0, otherAt = 0]] = [one, other].map((id) =>
    id.split('-').map(Number),
  ) as [number[], number[]];
  return oneMs < otherMs || (oneMs === otherMs && oneAt < otherAt);
}

/**
 * The answer, or a rejection as soon as the signal aborts. A client that is reconnecting would keep the
 * caller waiting, even after `disconnect`.
 */
async function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  asked.then(resolve, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
