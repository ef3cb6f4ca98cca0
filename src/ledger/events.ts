/**
 * The account's event stream (lua/include/events.lua): what wakes those who wait. An event is a hint; whoever
 * acts on it asks the ledger. Read on a connection of its own, because it blocks.
 */
import { connect } from '../redis/connect.ts';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Fields } from './reply.ts';

/**
 * `type` is one of reserved, working, fill, amended, ended, stolen, granted, steal_failed, fight, cancelling,
 * plan_filed, …
 */
export type LedgerEvent = { id: string; type: string; fields: Fields };

const BLOCK_MS = 1_000;
/** The server has answered by then, events or none, or the connection is dead. */
const SILENCE_LIMIT_MS = 5_000;
const BATCH = 500;

/**
 * Calls onEvent for each event from now on, or from behind the stream id `after`, in order, until the signal
 * aborts. After a lost connection it goes on where it was, so nothing that the stream still holds is missed;
 * `onGap` is called then, for those who would rather ask. A stream that ends before what was read of it is
 * another one: the ledger was wiped, or is an older copy, and its clock was ahead before. It is followed from
 * its end then, after `onGap`; else its events would be passed over until their time comes.
 * @throws WorkstealError `unavailable` when Redis refuses to tell: it is loading, busy, or became a replica
 *   in the middle
 */
export async function followEvents(
  url: string,
  account: string,
  onEvent: (event: LedgerEvent) => void,
  signal: AbortSignal,
  onGap: () => void = () => {},
  after?: string,
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
        const fields: Record<string, string> = {};
        for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
        onEvent({ id, type: fields['type'] ?? '', fields });
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    redis.disconnect();
  }
}

/** Of two ids of a stream, `ms-number`. */
function isEarlier(one: string, other: string): boolean {
  const [[oneMs = 0, oneAt = 0], [otherMs = 0, otherAt = 0]] = [one, other].map((id) =>
    id.split('-').map(Number),
  ) as [number[], number[]];
  return oneMs < otherMs || (oneMs === otherMs && oneAt < otherAt);
}

/**
 * While the client reconnects it neither answers nor fails what it was asked, not even when it is told to
 * end.
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
