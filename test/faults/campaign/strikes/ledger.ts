/** What an eviction, or a hand in redis-cli, does to the book itself. */
import { key } from '../../../../src/ledger/keys.ts';
import { over, pick, type Strike } from './strike.ts';

export const ledgerStrikes: Readonly<Record<string, Strike>> = {
  /** The record of an order that counts is gone: whoever comes by marks the book as damaged, and the keeper rebuilds it. */
  async lost_order({ ledger }, chance) {
    const { redis, account } = ledger;
    const live = (await redis.smembers(key(account, 'live')).catch(() => [])).sort();
    if (live.length === 0) return over;
    await redis.del(key(account, `order:${pick(live, chance)}`));
    return over;
  },
};
