/**
 * An account with one steal every `everyMs`, on a manual clock. Symbols form a ring, and each step's thief is
 * a few symbols ahead of its victim. So cooldowns, fights and stealing back never block a steal, as long as
 * one round of the ring takes longer than they do.
 */
import { assert } from '../src/domain/errors.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { setClock } from '../src/ledger/commands/clock.ts';
import { configure } from '../src/ledger/commands/configure.ts';
import { sync } from '../src/ledger/commands/sync.ts';
import { wishArguments } from '../src/ledger/commands/wish.ts';
import { key, keyPrefix } from '../src/ledger/keys.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { commandName, defineScripts } from '../src/ledger/scripts.ts';
import { readSettings } from '../src/rules/settings.ts';

const LEASE_MS = 60_000;
const SWEEP_LIMIT = 500;
/** Longer than any run, because nobody reconciles here. */
const SYNC_MAX_AGE_MS = 30 * 86_400_000;
const WORTH_MICROS = 1_000_000_000;
const THIEF_AHEAD = 7;

export type Steady = {
  readonly ledger: Ledger;
  /** Ledger time and health time: they are the same here. */
  nowMs: number;
  steals: number;
  readonly everyMs: number;
  readonly symbols: number;
};

/**
 * @param options `symbols`: more than 1,800 s / everyMs, so that the ring takes longer than the fight window
 */
export async function openSteady(
  ledger: Ledger,
  options: { startMs: number; everyMs: number; symbols: number },
): Promise<Steady> {
  const { startMs, everyMs, symbols } = options;
  const { settings } = readSettings({ WORK_STEALING_LEVERAGE: '1' });
  assert(symbols * everyMs > settings.fightWindowMs, 'the ring is too short: its pairs would fight');
  await configure(ledger, settings, SYNC_MAX_AGE_MS);
  await setClock(ledger, { mode: 'manual', nowMs: startMs, healthMs: startMs });
  await sync(ledger, WORTH_MICROS, startMs, []);
  return { ledger, nowMs: startMs, steals: 0, everyMs, symbols };
}

/**
 * Runs this many steals in one pipeline. For each, time passes, prices arrive, an order is opened and another
 * steals from it; its cancellation is settled, the thief's order is used (one in ten) or released, and the
 * ledger is swept.
 */
export async function run(steady: Steady, steals: number): Promise<void> {
  const { ledger } = steady;
  const server = await ledger.serverId();
  defineScripts(ledger.redis);
  const pipeline = ledger.redis.pipeline();
  const scripted = pipeline as unknown as Record<string, (...args: (string | number)[]) => unknown>;
  const expected: string[] = [];
  const add = (outcome: string, script: string, ...args: (string | number)[]): void => {
    scripted[commandName(script)]?.(key(ledger.account, 'account'), ...args);
    expected.push(outcome);
  };
  for (let step = 0; step < steals; step += 1) {
    const nth = steady.steals;
    steady.steals += 1;
    steady.nowMs += steady.everyMs;
    const victim = wish(`v${nth}`, `S${nth % steady.symbols}`, '1');
    const thief = wish(`t${nth}`, `S${(nth + THIEF_AHEAD) % steady.symbols}`, '9');
    add('clock', 'clock', 'manual', steady.nowMs, '1', steady.nowMs);
    add('ticked', 'tick', victim.symbol, '11', 0, thief.symbol, '10', 0);
    add('fits', 'admit', ...wishArguments(victim, LEASE_MS, server), '', '');
    add('send', 'submit', victim.id, LEASE_MS, server);
    add('working', 'open', victim.id, `b-${victim.id}`);
    add('stolen', 'steal', ...wishArguments(thief, LEASE_MS, server), '', '', '');
    add('settled', 'settle', victim.id, 'cancelled', '0', 0, 'broker');
    if (nth % 10 === 0) {
      add('send', 'submit', thief.id, LEASE_MS, server);
      add('working', 'open', thief.id, `b-${thief.id}`);
      add('settled', 'settle', thief.id, 'cancelled', '0', 0, 'broker');
    } else {
      add('released', 'release', thief.id, 'bench');
    }
    add('swept', 'sweep', SWEEP_LIMIT);
  }
  for (const [at, [error, reply]] of ((await pipeline.exec()) ?? []).entries()) {
    if (error) throw error;
    assert((reply as string[])[0] === expected[at], `expected ${expected[at]}, got ${String(reply)}`);
  }
}

function wish(id: string, symbol: string, pnl: string): OrderWish {
  return {
    id,
    symbol,
    side: 'buy',
    kind: 'entry',
    mode: 'normal',
    limit: '10',
    qty: '100',
    pnl,
    owner: 'bench',
  };
}

/**
 * Number and bytes of an account's keys, by kind. The kind is the part of the name before its first `:`.
 */
export type Footprint = ReadonlyMap<string, { keys: number; bytes: number }>;

export async function footprint({ redis, account }: Ledger): Promise<Footprint> {
  const prefix = keyPrefix(account);
  const kinds = new Map<string, { keys: number; bytes: number }>();
  let cursor = '0';
  const seen = new Set<string>();
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    cursor = next;
    const fresh = names.filter((name) => !seen.has(name));
    for (const name of fresh) seen.add(name);
    const sizes = await Promise.all(fresh.map((name) => redis.memory('USAGE', name, 'SAMPLES', 0)));
    for (const [at, name] of fresh.entries()) {
      const kind = name.slice(prefix.length).split(':')[0] as string;
      const before = kinds.get(kind) ?? { keys: 0, bytes: 0 };
      kinds.set(kind, { keys: before.keys + 1, bytes: before.bytes + Number(sizes[at] ?? 0) });
    }
  } while (cursor !== '0');
  return kinds;
}

/** The sum of a footprint, without the given kinds. */
export function sumOf(print: Footprint, without: readonly string[] = []): { keys: number; bytes: number } {
  const sum = { keys: 0, bytes: 0 };
  for (const [kind, { keys, bytes }] of print) {
    if (without.includes(kind)) continue;
    sum.keys += keys;
    sum.bytes += bytes;
  }
  return sum;
}
