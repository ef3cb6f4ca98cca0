/** Which order of the ledger an order of the broker is a version of (lua/include/orders.lua). */
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/**
 * The ledger's ids of live orders, by the broker's ids of their present or waiting versions, in their order;
 * undefined for an order that never replaced another one.
 * @throws WorkstealError `unavailable`
 */
export async function readSuccessors(
  { redis, account }: Ledger,
  brokerIds: readonly string[],
): Promise<(string | undefined)[]> {
  const found = await answerOf('successors', redis.hmget(key(account, 'successors'), ...brokerIds));
  return found.map((id) => id ?? undefined);
}
