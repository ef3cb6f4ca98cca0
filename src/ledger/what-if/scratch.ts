/**
 * Scratch accounts for what-ifs: many on one connection, each with a unique name, all removed afterwards.
 * They may be on a Redis that is in use: only their own keys are touched.
 */
import { randomUUID } from 'node:crypto';
import { WorkstealError } from '../../domain/errors.ts';
import { readAddress } from '../../redis/address.ts';
import { nameInSlot, slotOf } from '../../redis/slot.ts';
import { NO_TRACING } from '../../tracing/tracing.ts';
import { key } from '../keys.ts';
import { type Ledger, openLedger } from '../ledger.ts';
import { commandName, defineScripts, scriptNames, scriptText } from '../scripts.ts';

const SCAN_COUNT = 1_000;

export type ScratchAccounts = {
  /** The ledger of the scratch account with this number. */
  account(index: number): Ledger;
  /** Removes every scratch account of this connection. @throws WorkstealError `unavailable` */
  clear(): Promise<void>;
  close(): Promise<void>;
};

type Scripted = Record<string, (...args: (string | number)[]) => Promise<unknown>>;

/**
 * Connects, and where there are no functions loads the scripts, so that commands can be pipelined.
 * @param isOwn the server is this process's own: it loads the functions there, too
 */
export async function openScratchAccounts(url: string, isOwn = false): Promise<ScratchAccounts> {
  const run = `scratch-${randomUUID().slice(0, 13)}`;
  const ledger = await openLedger(url, run, { loadsFunctions: isOwn });
  const { redis } = ledger;
  // All accounts share one connection, so on a Cluster they must be in one slot.
  const slot = readAddress(url).kind === 'cluster' ? slotOf(run) : undefined;
  const nameOf = (index: number): string =>
    slot === undefined ? `${run}-${index}` : nameInSlot(slot, `${run}-${index}`);
  defineScripts(redis);
  // To put together and send some fifty scripts takes most of a second, and functions need none of them.
  if (ledger.functions?.areThere !== true)
    await Promise.all(scriptNames().map((name) => redis.script('LOAD', scriptText(name))));
  return {
    account: (index) => onAccount(ledger, nameOf(index)),
    async clear() {
      let cursor = '0';
      do {
        const [next, keys] = await redis.scan(cursor, 'MATCH', `ws:{${run}-*`, 'COUNT', SCAN_COUNT);
        if (keys.length > 0) await redis.unlink(...keys);
        cursor = next;
      } while (cursor !== '0');
    },
    close: () => ledger.close(),
  };
}

/** A scratch account on the shared connection; the server's id is asked for once for all of them. */
function onAccount(base: Ledger, account: string): Ledger {
  const accountKey = key(account, 'account');
  const scripted = base.redis as unknown as Scripted;
  return {
    account,
    redis: base.redis,
    tracing: NO_TRACING,
    functions: undefined,
    async run(script, args) {
      const command = scripted[commandName(script)];
      if (!command) throw new WorkstealError('bug', `there is no script ${script}`);
      try {
        const called = base.functions?.call(script, accountKey, args);
        return (called && (await called)) ?? (await command.call(base.redis, accountKey, ...args));
      } catch (error) {
        throw new WorkstealError(
          'unavailable',
          `${script}: ${(error as Error).message}`,
          { command: script },
          error,
        );
      }
    },
    serverId: (anew) => base.serverId(anew),
    close: () => Promise.resolve(), // the connection is not its own
  };
}
