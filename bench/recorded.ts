/**
 * What commands of the ledger ask of Redis, as the server tells it (MONITOR), and the same commands of Redis
 * again without the ledger's own Lua: what is left is the least that these commands cost.
 */
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { assert } from '../src/domain/errors.ts';
import { key } from '../src/ledger/keys.ts';
import type { Ledger } from '../src/ledger/ledger.ts';

/** The commands of Redis of one call, each with its arguments. */
export type Call = readonly (readonly string[])[];

/** The account that `copyAccount` makes. */
export const COPY = 'floor';
const END = 'recorded';

/** The calls of functions and scripts that `work` makes, in the order in which the server ran them. */
export async function record(redis: Redis, work: () => Promise<unknown>): Promise<Call[]> {
  const monitor = await redis.monitor();
  const calls: string[][][] = [];
  const over = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      if (source === 'lua') calls.at(-1)?.push(args);
      else if (/^(fcall|evalsha?)(_ro)?$/i.test(args[0] ?? '')) calls.push([]);
      else if (args[1] === END) resolve();
    });
  });
  try {
    await work();
    await redis.echo(END);
    await over;
  } finally {
    monitor.disconnect();
    await once(monitor, 'end');
  }
  return calls;
}

/** Lua that does nothing but these commands, on the keys of the copied account. */
function script({ account }: Ledger, call: Call): string {
  const [own, copied] = [key(account, ''), key(COPY, '')];
  const lines = call.map((args) => {
    const texts = args.map((text) => luaText(text.replace(own, copied)));
    return `call(${texts.join(', ')})`;
  });
  return ['local call = redis.call', ...lines].join('\n');
}

function luaText(text: string): string {
  assert(/^[\x20-\x7e]*$/.test(text), `only plain text can be recorded, and this is not: ${text}`);
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Loads the calls as scripts. Each may be run once per `copyAccount`. */
export async function load(ledger: Ledger, calls: readonly Call[]): Promise<string[]> {
  return await Promise.all(
    calls.map(async (call) => String(await ledger.redis.script('LOAD', script(ledger, call)))),
  );
}

/** Copies the account as it is now; the calls change the copy. */
export async function copyAccount({ redis, account }: Ledger): Promise<void> {
  const old = await redis.keys(key(COPY, '*'));
  const own = await redis.keys(key(account, '*'));
  const pipeline = redis.pipeline();
  if (old.length > 0) pipeline.unlink(old);
  for (const name of own) pipeline.copy(name, name.replace(key(account, ''), key(COPY, '')));
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}
