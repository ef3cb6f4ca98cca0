/**
 * The ledger's keys, for redis-cli and for those few readers that need no script. All of an account's keys
 * share one hash tag, so they live in one slot. Lua builds them from the account key; test/contract holds
 * this list against it.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `account` | hash | state, equity, caps and used per pool, generation, synced_at_ms, broker_account;
 * damaged: 1 until the book was mended |
 * | `closures` | hash | cause -> `since_ms words`: why the account is closed for entries |
 * | `settings` | hash | the rules in force and their fingerprint |
 * | `order:<id>` | hash | an order |
 * | `live`, `ended` | set, zset | ids of orders that count; of ended ones by time |
 * | `leases` | zset | reservations by the time until which their owner holds them |
 * | `position:<SYMBOL>`, `positions`, `closed`, `told`, `doubts` | hash, set, hash, hash, hash | positions at
 * cost; when one was closed, corrected; differences seen once |
 * | `exits` | hash | `SYMBOL side` -> units that live exits have still to close |
 * | `sides` | zset | `SYMBOL side id` of every live order: an account is on one side of a symbol at a time |
 * | `confirmed`, `unsure` | hash | symbol -> what the broker said when it was asked for an exit; when a fill
 * was not taken off the position |
 * | `quotes` | hash | symbol -> `price nanos health_ms` |
 * | `jumps`, `lost_prices` | hash | symbol -> the price that was doubted last, as in `quotes`; `nanos
 * health_ms`, the last price of a symbol that has none now |
 * | `victims:<pool>`, `heads:<pool>` | zset, hash | the worst order of each symbol that may be taken now,
 * worst first |
 * | `far:<pool>:<SYMBOL>`, `edges:<SYMBOL>:<side>` | zset | the index behind it |
 * | `symbol_pools`, `stale`, `vip` | hash, set, set | the pools of a symbol's orders; symbols whose quote had
 * aged; those never robbed |
 * | `steals`, `steal:<id>` | zset, hash | steal history, and each steal |
 * | `dry_runs`, `dry_run:<id>` | zset, hash | what dry runs would have stolen; no rule reads it |
 * | `fight:<A>\|<B>`, `fights`, `fighting`, `cooldowns`, `robbers:<SYMBOL>` | zset | which may not steal from which,
 * until when |
 * | `outbox`, `events` | stream | cancellations on record; what happened |
 * | `mutex` | string | Redlock |
 * | `plan:<id>`, `plans`, `plans_done` | hash, zset, zset | plans, the leases of those in work, the ended by
 * time |
 * | `refusal:<id>`, `refusals` | hash, zset | the last refusal of a plan, or of an order without one, for an
 * hour; their ids by time |
 * | `planned:<strategy>` | hash | `SYMBOL side` -> `count terms id expires_at_ms`, the plan that a strategy
 * of forecasts asked for last |
 * | `hosts`, `host:<id>` | zset, hash | the fleet's processes by the time they were heard last; what each
 * said of itself |
 * | `bar:<plan>`, `bars` | hash, zset | who may not steal for a while, for which cause and until when; the
 * plans by that time |
 * | `assets` | hash | symbol -> `told_ms text`, what the broker told of the asset, for the account's hosts |
 * | `attempts` | hash | `plan_`, `plan_x` -> the number of its latest order at the broker, as told when the
 * ledger was rebuilt |
 * | `oddities` | hash | `order <id>`, `position <SYMBOL>` -> `since_ms counts symbol\|why`: what at the
 * broker does not count, or not surely in full |
 * | `reconcile_failure` | hash | the last reconciliation that failed: at_ms, first_ms, times, words; over_ms
 * |
 * | `plan_totals` | hash | plans filed and ended, ever |
 *
 * One key is no account's: `ws:{NUMBER}:claim`, a string, holds under which name the broker's account of this
 * number is kept (claims.ts).
 */
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';

const ACCOUNT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * `ws:{account}:`, the prefix of every key of the account.
 * @throws WorkstealError `invalid` for a name that could break out of a key.
 */
export function keyPrefix(account: string): string {
  if (!ACCOUNT.test(account)) {
    throw new WorkstealError(
      'invalid',
      `account: "${shown(account)}" is not 1 to 64 of A-Z, a-z, 0-9, _ and -`,
      {
        field: 'account',
        value: account.slice(0, 64),
      },
    );
  }
  return `ws:{${account}}:`;
}

/** One key of the account: `key('demo', 'mutex')` -> `ws:{demo}:mutex`. */
export function key(account: string, name: string): string {
  return `${keyPrefix(account)}${name}`;
}
