/** The queue of plans that wait for room (lua/include/waiting.lua), as far as a host reads it. */
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

const CHUNK = 500;

/**
 * Which of these plans are not in the queue.
 * @throws WorkstealError `unavailable`
 */
export async function missingInQueue(ledger: Ledger, ids: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let from = 0; from < ids.length; from += CHUNK) {
    const part = ids.slice(from, from + CHUNK);
    const found = await answerOf('queue', ledger.redis.hmget(key(ledger.account, 'waits'), ...part));
    missing.push(...part.filter((_, at) => found[at] === null));
  }
  return missing;
}
