/**
 * A process's access to an account's ledger: a connection, the account's key, and the server's id (I8). Each
 * command is a function in commands/ that takes it.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { endpointsOf } from '../redis/address.ts';
import { infoField } from '../redis/advice.ts';
import { begin, type ConnectOptions, connect, isNotTheServer } from '../redis/connect.ts';
import { redisFault } from '../redis/connection-fault.ts';
import { NO_TRACING, type Tracing } from '../tracing/tracing.ts';
import { unavailable } from './answer.ts';
import { checkArguments } from './arguments.ts';
import { Functions } from './functions.ts';
import { key, keyPrefix } from './keys.ts';
import { sources } from './script-source.ts';
import { commandName, defineScripts, scriptNames } from './scripts.ts';

/** Error of a script that failed half-way (lua/include/guard.lua): the book is closed until it is rebuilt. */
const FAULT = /^FAULT /;

/** A command without an answer by then has an unknown outcome. Every command can be sent again (I6). */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * A connection that owes an answer for this long is replaced by a new one. If a router has dropped it,
 * commands would otherwise time out until the operating system notices, a quarter of an hour later.
 */
const SILENCE_LIMIT_MS = 5_000;

/** A server that hangs does not confirm the end of a connection: a command would wait for that. */
const GOODBYE_LIMIT_MS = 300;

/**
 * Of the 40 of a run id: enough to distinguish servers. The server's id then fits into 64 bytes, so that
 * Redis keeps the account's hash in its compact encoding.
 */
const RUN_ID_CHARACTERS = 20;

export type Ledger = {
  readonly account: string;
  readonly redis: Redis;
  /** The process's tracing, at hand for every step that has the ledger. */
  readonly tracing: Tracing;
  /** Of its connection; undefined where commands always go by EVALSHA. */
  readonly functions: Functions | undefined;
  /**
   * Runs lua/<script>.lua on this account.
   * @returns the raw reply; `decode` reads it.
   * @throws WorkstealError `invalid` for arguments that are neither text nor numbers, `unavailable` when
   *   Redis did not answer, `damaged` when the script failed half-way, `bug` for a script that is not there.
   */
  run(script: string, args: readonly (string | number)[]): Promise<unknown>;
  /**
   * Identifies the server and its role: `<run id>:<replication id>` (docs/decisions/0004). A restart changes
   * the run id, a promotion to master the replication id. Cached; asked again after each connect, after a
   * reply `unsynced` or an error such as READONLY, and when `anew` is true.
   * @throws WorkstealError `unavailable`
   */
  serverId(anew?: boolean): Promise<string>;
  close(): Promise<void>;
};

/** Told of each command: its script, and how long its answer took, ms. */
export type OnCommand = (script: string, ms: number) => void;

type Scripted = Record<string, (...args: (string | number)[]) => Promise<unknown>>;

/**
 * Options of every connection of the ledger. No offline queue and no resend: commands carry the server's id,
 * so they must fail fast rather than reach a different server later.
 */
export const LEDGER_REDIS_OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  disconnectTimeout: GOODBYE_LIMIT_MS,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000),
} satisfies ConnectOptions;

export type LedgerOptions = {
  onCommand?: OnCommand | undefined;
  tracing?: Tracing | undefined;
  /** Of the same connection; without it, commands go by EVALSHA. */
  functions?: Functions | undefined;
};

export type OpenOptions = Omit<LedgerOptions, 'functions'> & {
  /** Whether this process loads the commands as Redis Functions. One role may (docs/security.md). */
  loadsFunctions?: boolean;
  /** False: commands go by EVALSHA, and nobody asks for functions. For a user that may not. Default true. */
  usesFunctions?: boolean;
};

/**
 * Opens a connection to the ledger of `account`. Resolves when it can be used.
 * @throws WorkstealError `invalid` for the account's name, `settings` for the address or its database,
 *   `unavailable` when Redis does not answer
 */
export async function openLedger(
  url: string,
  account: string,
  { loadsFunctions = false, usesFunctions = true, ...options }: OpenOptions = {},
): Promise<Ledger> {
  keyPrefix(account);
  // What runs for long reads them now; an inspection needs none of them.
  if (usesFunctions) sources();
  const redis = connect(url, account, { ...LEDGER_REDIS_OPTIONS, lazyConnect: true });
  // The reason of a failed connection arrives here; the command's own error only says "closed".
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await begin(redis, url);
  } catch (error) {
    redis.disconnect();
    if (error instanceof WorkstealError) throw error;
    const { words, next } = redisFault({ url, user: redis.options.username }, reason ?? error);
    const told = `Redis at ${endpointsOf(url)} does not answer: ${words}`;
    throw new WorkstealError('unavailable', told, {}, reason ?? error, next);
  }
  if (!usesFunctions) return ledgerOn(redis, account, options);
  const functions = new Functions(redis, loadsFunctions);
  await functions.look();
  return ledgerOn(redis, account, { ...options, functions });
}

/** The ledger of an account on an open connection; on a Cluster, the account must be in its slot. */
export function ledgerOn(
  redis: Redis,
  account: string,
  { onCommand = () => {}, tracing = NO_TRACING, functions }: LedgerOptions = {},
): Ledger {
  const accountKey = key(account, 'account');
  let server: Promise<string> | undefined;
  const forget = () => {
    server = undefined;
  };
  redis.on('close', forget);
  return {
    account,
    redis,
    tracing,
    functions,
    async run(script, args) {
      checkArguments(script, args);
      const startedMs = performance.now();
      try {
        const called = functions?.call(script, accountKey, args);
        const answer = (called && (await called)) ?? (await runScript(redis, script, accountKey, args));
        // The cached id may belong to another server than the one that answered now.
        if (Array.isArray(answer) && answer[0] === 'unsynced') forget();
        return answer;
      } catch (error) {
        if (error instanceof WorkstealError) throw error;
        const { message } = error as Error;
        if (isNotTheServer({ message })) forget();
        const facts = { command: script };
        if (FAULT.test(message)) throw new WorkstealError('damaged', `${script}: ${message}`, facts, error);
        throw unavailable(script, error, redis);
      } finally {
        onCommand(script, performance.now() - startedMs);
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

/** By EVALSHA; the text of the script is made at its first use. */
async function runScript(
  redis: Redis,
  script: string,
  accountKey: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  const scripted = redis as unknown as Scripted;
  const name = commandName(script);
  if (scripted[name] === undefined) {
    if (!scriptNames().includes(script)) throw new WorkstealError('bug', `there is no script ${script}`);
    defineScripts(redis, [script]);
  }
  return scripted[name]?.(accountKey, ...args);
}

async function askServerId(redis: Redis): Promise<string> {
  let info: string;
  try {
    info = await redis.info();
  } catch (error) {
    throw unavailable('info', error, redis);
  }
  const [run, replication] = [infoField(info, 'run_id'), infoField(info, 'master_replid')];
  if (!run || !replication)
    throw new WorkstealError(
      'unavailable',
      'INFO has no run_id or no master_replid; is this a Redis server?',
    );
  return `${run.slice(0, RUN_ID_CHARACTERS)}:${replication}`;
}
