/**
 * Which ledger an inspection reads: `--redis` and `--account`, by default REDIS_URL and WORKSTEAL_ACCOUNT. It
 * needs no broker.
 */
import type { Command } from 'commander';
import { WorkstealError } from '../../domain/errors.ts';
import { withKnownAccounts } from '../../inspection/known-accounts.ts';
import { unavailable } from '../../ledger/answer.ts';
import { keyPrefix } from '../../ledger/keys.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { EXAMPLES, readAddress } from '../../redis/address.ts';
import { knownFault } from '../../redis/connection-fault.ts';
import type { Env } from '../../rules/settings.ts';

export type Where = { url: string; account: string };
export type WhereOptions = { redis?: string; account?: string };

/** Adds `--redis` and `--account` to a command. */
export function withWhere(command: Command): Command {
  return command
    .option('--redis <url>', 'the Redis of the ledger (default: REDIS_URL)')
    .option('--account <name>', 'the account (default: WORKSTEAL_ACCOUNT, or main)');
}

/**
 * @throws WorkstealError `settings` for a missing or invalid Redis address; `invalid` for an invalid account
 *   name
 */
export function readWhere(options: WhereOptions, env: Env): Where {
  const url = options.redis ?? env['REDIS_URL'];
  if (url === undefined || url === '') {
    throw new WorkstealError(
      'settings',
      `missing Redis address: give --redis, or set REDIS_URL, for example ${EXAMPLES.server}`,
    );
  }
  readAddress(url);
  const account = options.account ?? (env['WORKSTEAL_ACCOUNT'] || 'main');
  keyPrefix(account);
  return { url, account };
}

/** Opens the ledger, runs `use`, and closes it. @throws WorkstealError `unavailable` */
export async function withLedger<T>(
  { url, account }: Where,
  use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const ledger = await openLedger(url, account, { usesFunctions: false });
  try {
    return await use(ledger);
  } catch (error) {
    throw await withKnownAccounts(inWords(error, ledger), ledger);
  } finally {
    await ledger.close();
  }
}

/** An error of Redis in words that name the server and the user, wherever it was thrown. */
function inWords(error: unknown, { redis }: Ledger): unknown {
  const isOurs = error instanceof WorkstealError;
  if (isOurs && error.code !== 'unavailable') return error;
  const cause = isOurs ? error.cause : error;
  if (knownFault({ url: '' }, cause) === undefined) return error;
  return unavailable((isOurs && error.details['command']) || 'a command', cause, redis);
}
