/**
 * An account's ledger as one process sees it: a connection, the account's key, and which server it talks to
 * (I8). Commands are functions of it, one file each in commands/.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { endpointsOf } from '../redis/address.ts';
import { infoField } from '../redis/advice.ts';
import { begin, type ConnectOptions, connect, isNotTheServer } from '../redis/connect.ts';
import { connectionFault } from '../redis/connection-fault.ts';
import { checkArguments } from './arguments.ts';
import { key, keyPrefix } from './keys.ts';
import { commandName, redisScripts } from './scripts.ts';

/**
 * A command that failed in the middle (lua/include/guard.lua): the book is damaged, and closed until a keeper
 * has rebuilt it.
 */
const FAULT = /^FAULT /;

/** How long a command may take before its outcome is unknown. Every command can be sent again (I6). */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * A connection on which nothing came for so long though something was asked is given up for a new one. Where
 * a router forgot it, nobody ever says so: commands would time out on it until the system gives it up, a
 * quarter of an hour later.
 */
const SILENCE_LIMIT_MS = 5_000;

/**
 * Of a run id's 40: enough to tell servers apart, and short enough that Redis keeps the account in its
 * compact form (64 a value).
 */
const RUN_ID_CHARACTERS = 20;

export type Ledger = {
  readonly account: string;
  readonly redis: Redis;
  /**
   * Runs lua/<script>.lua on this account.
   * @throws WorkstealError `invalid` for arguments that are neither text nor numbers, `unavailable` when
   *   Redis gave no answer, `damaged` when the script failed in the middle.
   */
  run(script: string, args: readonly (string | number)[]): Promise<unknown>;
  /**
   * Which server is on the other end, and since when it is what it is: `<run id>:<replication id>`
   * (docs/decisions/0004). A process has another run id, and whoever becomes a master another replication id.
   * Asked anew after each connect, and when a script or the server itself said that it is not what it was; or
   * because `anew` says so.
   */
  serverId(anew?: boolean): Promise<string>;
  close(): Promise<void>;
};

type Scripted = Record<string, (...args: (string | number)[]) => Promise<unknown>>;

/**
 * Options that every connection of the ledger has. No offline queue and no resend: a decider fails fast, and
 * what it sends carries the id of the server it was sent to.
 */
export const LEDGER_REDIS_OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000),
} satisfies ConnectOptions;

/**
 * Opens a connection to the ledger of `account`. Resolves when it can be used.
 * @throws WorkstealError `invalid`, `settings`, `unavailable`
 */
export async function openLedger(url: string, account: string): Promise<Ledger> {
  keyPrefix(account);
  const redis = connect(url, account, {
    ...LEDGER_REDIS_OPTIONS,
    lazyConnect: true,
    scripts: redisScripts(),
  });
  // The reason of a failed connection comes here; the command's own error only says that it was closed.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await begin(redis, url);
  } catch (error) {
    redis.disconnect();
    if (error instanceof WorkstealError) throw error;
    const why = connectionFault(url, reason ?? error);
    throw new WorkstealError(
      'unavailable',
      `Redis at ${endpointsOf(url)} does not answer: ${why}`,
      {},
      reason ?? error,
    );
  }
  return ledgerOn(redis, account);
}

/** The ledger of another account on the same connection; on a Cluster, of one in the same slot. */
export function ledgerOn(redis: Redis, account: string): Ledger {
  const accountKey = key(account, 'account');
  let server: Promise<string> | undefined;
  const forget = () => {
    server = undefined;
  };
  redis.on('close', forget);
  const scripted = redis as unknown as Scripted;
  return {
    account,
    redis,
    async run(script, args) {
      const command = scripted[commandName(script)];
      if (!command) throw new WorkstealError('bug', `there is no script ${script}`);
      checkArguments(script, args);
      try {
        const answer = await command.call(redis, accountKey, ...args);
        // The book may be of another server than the one that was asked for its id.
        if (Array.isArray(answer) && answer[0] === 'unsynced') forget();
        return answer;
      } catch (error) {
        const { message } = error as Error;
        if (isNotTheServer({ message })) forget();
        throw new WorkstealError(
          FAULT.test(message) ? 'damaged' : 'unavailable',
          `${script}: ${message}`,
          { command: script },
          error,
        );
      }
    },
    serverId(anew = false) {
      if (anew) forget();
      server ??= askServerId(redis).catch((error: unknown) => {
        forget();
        throw error;
      });
      return server;
    },
    async close() {
      redis.off('close', forget);
      redis.disconnect();
    },
  };
}

async function askServerId(redis: Redis): Promise<string> {
  let info: string;
  try {
    info = await redis.info();
  } catch (error) {
    throw new WorkstealError('unavailable', `info: ${(error as Error).message}`, {}, error);
  }
  const [run, replication] = [infoField(info, 'run_id'), infoField(info, 'master_replid')];
  if (!run || !replication)
    throw new WorkstealError('unavailable', 'the server does not tell its run id and its replication id');
  return `${run.slice(0, RUN_ID_CHARACTERS)}:${replication}`;
}
