/** The accounts that a Redis holds, for an error about one that is not there. */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';

const ROUNDS = 20;
const PER_ROUND = 1_000;
const SHOWN = 10;

/** Some of them, sorted; none if the server doesn't allow it. Reads at most ROUNDS pieces of the keyspace. */
async function knownAccounts(redis: Redis): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  try {
    for (let round = 0; round < ROUNDS && found.size < SHOWN; round += 1) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'ws:{*}:account', 'COUNT', PER_ROUND);
      for (const key of keys) found.add(key.slice('ws:{'.length, -'}:account'.length));
      cursor = next;
      if (cursor === '0') break;
    }
  } catch {
    return [];
  }
  return [...found]
    .filter((name) => !name.startsWith('scratch'))
    .sort()
    .slice(0, SHOWN);
}

/**
 * The error itself, or one that also names the accounts that there are, if it says that the ledger does not
 * hold this one.
 */
export async function withKnownAccounts(error: unknown, { account, redis }: Ledger): Promise<unknown> {
  if (!(error instanceof WorkstealError) || error.code !== 'unknown') return error;
  if (!error.message.startsWith('there is no account')) return error;
  const names = await knownAccounts(redis);
  const there = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
  const next =
    names.length === 0
      ? 'check --account, WORKSTEAL_ACCOUNT and REDIS_URL; a keeper makes the account when it first starts'
      : 'give one of these with --account or WORKSTEAL_ACCOUNT; a keeper makes a new one when it starts';
  return new WorkstealError('unknown', `${error.message}${there}`, { account }, error, next);
}
