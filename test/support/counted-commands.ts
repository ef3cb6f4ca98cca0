/** How many commands Redis carries out, those that scripts call included. */
import type { Redis } from 'ioredis';

const OF_OURS = /^(eval|evalsha|fcall|config|info|function|script)/;

/** The answer of `ask`, and how many commands its scripts called. Nobody else uses this Redis meanwhile. */
export async function counted<Answer>(
  redis: Redis,
  ask: () => Promise<Answer>,
): Promise<{ answer: Answer; commands: number }> {
  await redis.config('RESETSTAT');
  const answer = await ask();
  const stats = await redis.info('commandstats');
  const calls = [...stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)]
    .filter(([, name]) => !OF_OURS.test(name ?? ''))
    .map(([, , count]) => Number(count));
  return { answer, commands: calls.reduce((sum, count) => sum + count, 0) };
}
