/**
 * An account's ledger as one process sees it: a connection, the account's key, and which server it talks to (I8). Commands
 * are functions of it, one file each in commands/.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { placeOf } from '../redis/address.ts';
import { type ConnectOptions, connect } from '../redis/connect.ts';
import { connectionFault } from '../redis/connection-fault.ts';
import { checkArguments } from './arguments.ts';
import { key, keyPrefix } from './keys.ts';
import { commandName, redisScripts } from './scripts.ts';

/** A script that failed half way: sending it again can't help. A server that is loading, full or read-only says so otherwise. */
const SCRIPT_FAULT = /^(ERR|WRONGTYPE) .*user_script/s;

/** How long a command may take before its outcome is unknown. Every command can be sent again (I6). */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * A connection on which nothing came for so long though something was asked is given up for a new one. Where a router forgot it, nobody
 * ever says so: commands would time out on it until the system gives it up, a quarter of an hour later.
 */
const SILENCE_LIMIT_MS = 5_000;

export type Ledger = {
  readonly account: string;
  readonly redis: Redis;
  /** Runs lua/<script>.lua on this account. @throws WorkstealError `invalid` for arguments that are neither text nor numbers, `unavailable` when Redis gave no answer, `bug` when the script failed. */
  run(script: string, args: readonly (string | number)[]): Promise<unknown>;
  /** The run id of the server on the other end: asked anew after each connect, so a restart or a failover is noticed. */
  serverId(): Promise<string>;
  close(): Promise<void>;
};

type Scripted = Record<string, (...args: (string | number)[]) => Promise<unknown>>;

/**
 * Options that every connection of the ledger has. No offline queue and no resend: a decider fails fast, and what it sends
 * carries the id of the server it was sent to.
 */
export const LEDGER_REDIS_OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000),
} satisfies ConnectOptions;

/** Opens a connection to the ledger of `account`. Resolves when it can be used. @throws WorkstealError `invalid`, `settings`, `unavailable` */
export async function openLedger(url: string, account: string): Promise<Ledger> {
  keyPrefix(account);
  const redis = connect(url, account, { ...LEDGER_REDIS_OPTIONS, lazyConnect: true, scripts: redisScripts() });
  // The reason of a failed connection comes here; the command's own error only says that it was closed.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    const why = connectionFault(url, reason ?? error);
    throw new WorkstealError('unavailable', `Redis at ${placeOf(url)} does not answer: ${why}`, {}, reason ?? error);
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
        return await command.call(redis, accountKey, ...args);
      } catch (error) {
        const { message } = error as Error;
        throw new WorkstealError(SCRIPT_FAULT.test(message) ? 'bug' : 'unavailable', `${script}: ${message}`, { command: script }, error);
      }
    },
    serverId() {
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
    info = await redis.info('server');
  } catch (error) {
    throw new WorkstealError('unavailable', `info: ${(error as Error).message}`, {}, error);
  }
  const id = /^run_id:(\S+)/m.exec(info)?.[1];
  if (id === undefined) throw new WorkstealError('unavailable', 'the server does not tell its run id');
  return id;
}
