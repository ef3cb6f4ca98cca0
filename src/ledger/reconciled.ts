/** Whether the ledger is the one that was reconciled with the broker, and so knows all orders there. */
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/**
 * A ledger that was lost, or is out of date after a failover, lacks orders until it is rebuilt.
 * @param anew ask the server who it is, and not what it said before
 * @throws WorkstealError `unavailable`
 */
export async function isReconciled(ledger: Ledger, anew = false): Promise<boolean> {
  const server = await ledger.serverId(anew);
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'synced_at_ms', 'server_id');
  const [synced, on] = await answerOf('account', asked);
  return Number(synced ?? 0) > 0 && on === server;
}

/**
 * Behind a failover the ledger may lack that an order was granted and sent. It must not be given back as
 * unsent then, nor its plan go on with another order (I6, I8).
 * @throws WorkstealError `unclear` until the keeper has reconciled; `unavailable`
 */
export async function assertReconciled(ledger: Ledger, order: string): Promise<void> {
  if (await isReconciled(ledger, true)) return;
  throw new WorkstealError(
    'unclear',
    `${order}: it may have been sent, and the ledger have lost that; waiting until the keeper has reconciled`,
    { order },
  );
}

/**
 * The error for what the ledger does not have, such as "order a": `unknown`; or `unavailable` while that
 * proves nothing, because the ledger is being rebuilt and an order may be at the broker.
 * @throws WorkstealError `unavailable`
 */
export async function missing(ledger: Ledger, what: string): Promise<WorkstealError> {
  if (await isReconciled(ledger)) return new WorkstealError('unknown', `there is no ${what}`);
  return new WorkstealError(
    'unavailable',
    `the ledger is being rebuilt from the broker, and does not know yet whether there is the ${what}`,
    {},
    undefined,
    'ask again; an order may be at the broker',
  );
}

/**
 * The error where a command found no account: `unavailable` where there is one, whose book is damaged and is
 * being rebuilt; else `unknown`.
 * @throws WorkstealError `unavailable`
 */
export async function missingAccount(ledger: Ledger): Promise<WorkstealError> {
  const { account } = ledger;
  if ((await answerOf('account', ledger.redis.exists(key(account, 'account')))) > 0)
    return new WorkstealError(
      'unavailable',
      `the book of account ${account} is damaged, and is being rebuilt from the broker`,
      { account },
    );
  const next = "start the account's keeper (worksteal keep)";
  return new WorkstealError(
    'unknown',
    `there is no account ${account} in the ledger yet`,
    { account },
    undefined,
    next,
  );
}
