/**
 * The first check of a role that talks to the broker: does it accept the keys, and do they belong to the
 * account that the ledger is bound to? A role starts even if the broker does not answer now.
 */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { Claims, keptElsewhere, otherAccount } from '../ledger/claims.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

const PATIENCE_MS = 5_000;

export type IdentityParts = { ledger: Ledger; redisUrl: string; broker: Pick<Broker, 'account'> };

/**
 * @returns the number of the account, '' if the broker does not report it
 * @throws WorkstealError `keys` if the broker refuses them; `account` if they belong to another account than
 *   the ledger's, or another ledger is bound to that account; `unclear`, `unavailable`
 */
export async function look({ ledger, redisUrl, broker }: IdentityParts): Promise<string> {
  const { number } = await broker.account(AbortSignal.timeout(PATIENCE_MS));
  if (number === '') return '';
  const bound = await boundTo(ledger);
  if (bound !== '' && bound !== number)
    throw new WorkstealError('account', otherAccount(ledger.account, number, bound), { number, bound });
  const claims = new Claims(ledger, redisUrl);
  const holder = await claims.holder(number).finally(() => claims.close());
  if (holder !== undefined && holder !== ledger.account)
    throw new WorkstealError('account', keptElsewhere(number, holder), { number, holder });
  return number;
}

/**
 * The broker account that the ledger is bound to; '' if not bound yet.
 * @throws WorkstealError `unavailable`
 */
export async function boundTo(ledger: Ledger): Promise<string> {
  const [bound] = await answerOf(
    'account',
    ledger.redis.hmget(key(ledger.account, 'account'), 'broker_account'),
  );
  return bound ?? '';
}

/** Does the error mean that this process cannot work with these keys? */
export function isAboutIdentity(error: unknown): error is WorkstealError {
  return error instanceof WorkstealError && (error.code === 'keys' || error.code === 'account');
}

/**
 * `look` at a role's start. A keeper with another account's keys starts all the same: it closes the account
 * once it is elected.
 * @returns the account's number, '' if unknown
 */
export async function firstLook(
  parts: IdentityParts & { role: string; log: Pick<Logger, 'warn' | 'error'> },
): Promise<string> {
  const { role, log } = parts;
  try {
    return await look(parts);
  } catch (error) {
    if (isAboutIdentity(error)) {
      if (role !== 'keep' || error.details['bound'] === undefined) throw error;
      log.error({ code: error.code }, error.message);
    } else
      log.warn({ err: error }, 'the broker does not say which account the keys belong to; starting anyway');
    return '';
  }
}
