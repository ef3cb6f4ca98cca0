/** Damage to the book itself, by an eviction or by a person in redis-cli. */
import { key } from '../../../../src/ledger/keys.ts';
import type { Random } from '../../../../src/prices/random.ts';
import type { Arena } from '../arena.ts';
import { over, pick, type Strike } from './strike.ts';

/**
 * Keys that the book of a busy account has, beside those of single orders; `*` stands for the one that is
 * found. Left out is what the judge itself goes by (events), and what the ledger alone remembers and nothing
 * can tell it again (steal history, cooldowns).
 */
const KEYS = [
  ...[
    'live',
    'leases',
    'positions',
    'position:*',
    'exits',
    'sides',
    'outbox',
    'quotes',
    'settings',
    'closures',
    'plans',
    'hosts',
  ],
  ...[
    'victims:total',
    'victims:crypto',
    'heads:total',
    'far:total:*',
    'edges:*',
    'symbol_pools',
    'attempts',
    'bars',
    'account',
  ],
] as const;
const PAGE = 10_000;

/** A key that the book has now. @throws Error where it has none, or Redis is away */
async function anyKey({ ledger }: Arena, chance: Random): Promise<string> {
  const { redis, account } = ledger;
  const there: string[] = [];
  for (const name of KEYS) {
    const pattern = key(account, name);
    const [, found] = name.endsWith('*')
      ? await redis.scan(0, 'MATCH', pattern, 'COUNT', PAGE)
      : ['', [pattern]];
    const one = found.length === 0 ? undefined : pick(found.sort(), chance);
    if (one !== undefined && (await redis.exists(one)) === 1) there.push(one);
  }
  if (there.length === 0) throw new Error('the book has no key');
  return pick(there, chance);
}

export const ledgerStrikes: Readonly<Record<string, Strike>> = {
  /**
   * The record of an order that counts is gone: whoever comes by marks the book as damaged, and the keeper
   * rebuilds it.
   */
  async lost_order({ ledger }, chance) {
    const { redis, account } = ledger;
    const live = (await redis.smembers(key(account, 'live')).catch(() => [])).sort();
    if (live.length === 0) return over;
    await redis.del(key(account, `order:${pick(live, chance)}`));
    return over;
  },

  /**
   * A list, an index, a position, the settings or the account itself is gone, or holds something that it
   * never holds.
   */
  async lost_key(arena, chance) {
    const { redis } = arena.ledger;
    const name = await anyKey(arena, chance);
    const isHash = (await redis.type(name)) === 'hash';
    const isGone = chance.next() < 0.6;
    const spoil = redis.multi().del(name);
    if (!isGone) isHash ? spoil.sadd(name, 'odd') : spoil.hset(name, 'odd', '1');
    await spoil.exec();
    arena.say(`${name} ${isGone ? 'is gone' : 'is of another type'}`);
    return over;
  },
};
