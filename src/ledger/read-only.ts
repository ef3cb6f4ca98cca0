/** Runs a script that only reads. Redis refuses it any write. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** The server does not have the script yet, does not know the command, or its user may not use it. */
const TRY_THE_NEXT = /\b(?:NOSCRIPT|NOPERM|unknown command)\b/i;

const hashes = new Map<string, string>();

/**
 * By its hash where the server has it: the texts are long, and Redis hashes what it is sent. EVAL_RO came
 * with Redis 7; older servers get EVAL.
 * @param args the number of keys, the keys, and ARGV
 * @throws errors of ioredis and of the script
 */
export async function evaluateReadOnly(
  redis: Redis,
  text: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  const ways = [['EVALSHA_RO', hashOf(text)] as const, ['EVAL_RO', text] as const];
  for (const [command, what] of ways) {
    try {
      return await redis.call(command, what, ...args);
    } catch (error) {
      if (!TRY_THE_NEXT.test((error as Error).message)) throw error;
    }
  }
  return await redis.call('EVAL', text, ...args);
}

function hashOf(text: string): string {
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = createHash('sha1').update(text).digest('hex');
    hashes.set(text, hash);
  }
  return hash;
}
