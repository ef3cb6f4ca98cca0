/**
 * The ledger's keys, for redis-cli and for the few readers that need no script. Each name stands behind the
 * prefix `ws:{account}:`. All keys of an account share the hash tag `{account}`, so they are in one slot of a
 * Cluster. Lua builds them from the account key; test/contract checks this table.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `account` | hash | state, equity, caps and used per pool, generation, synced_at_ms, damaged, … |
 * | `closures` | hash | cause -> `since_ms words`: why the account is closed for entries |
 * | `halts` | list | `at_ms what by reason`: who halted and resumed it, the latest 20 |
 * | `settings` | hash | the rules in force and their fingerprint |
 * | `order:<id>` | hash | an order |
 * | `client_id:<id>` | string | what a bot of a gateway calls the order, where its id is a hash |
 * | `posting:<id>` | string | a gateway is posting the order now |
 * | `successors` | hash | the broker's id -> the order that it is a version of, where it was replaced there |
 * | `live`, `ended` | set, zset | ids of orders that count; ids of ended orders by time |
 * | `leases` | zset | reservations by the end of their lease |
 * | `position:<SYMBOL>`, `positions` | hash, set | a position at cost; the symbols that have one |
 * | `closed`, `told` | hash | symbol -> when its position was closed; when it was corrected |
 * | `doubts` | hash | symbol -> a difference from the broker's position that was seen once |
 * | `exits` | hash | `SYMBOL side` -> units that live exits have still to close |
 * | `sides` | zset | `SYMBOL side id` of each live order: an account trades one side of a symbol at a time |
 * | `confirmed` | hash | symbol -> the broker's answer about its position, asked for an exit |
 * | `unsure` | hash | symbol -> when a fill was not taken off the position |
 * | `quotes` | hash | symbol -> `price nanos health_ms` |
 * | `bands` | hash | symbol -> `low high`, nanos: between these prices no order's protection begins or ends |
 * | `jumps` | hash | symbol -> the price that was doubted last, as in `quotes` |
 * | `lost_prices` | hash | symbol -> `nanos health_ms`, the last price of a symbol that has none now |
 * | `victims:<pool>`, `heads:<pool>` | zset, hash | the worst order of each symbol that may be a victim now |
 * | `far:<pool>:<SYMBOL>`, `edges:<SYMBOL>:<side>` | zset | the index behind it |
 * | `symbol_pools` | hash | symbol -> the pools of its orders |
 * | `stale`, `vip` | set | symbols whose quote is too old; symbols that are never victims |
 * | `steals`, `steal:<id>` | zset, hash | steal history, and each steal |
 * | `dry_runs`, `dry_run:<id>` | zset, hash | what dry runs would have stolen; no rule reads it |
 * | `fight:<A>\|<B>`, `fights`, `fighting` | zset | steals of a pair; ends of fights by pair, by symbol |
 * | `cooldowns`, `robbers:<SYMBOL>` | zset | symbols that were stolen from, until when; who stole from it |
 * | `robbed:<SYMBOL>`, `often_robbed` | zset | the steals from it; symbols robbed too often, until when |
 * | `protected_until` | zset | orders that are too young to be victims, until when |
 * | `taken` | zset | `before micros id` by ms: what each steal took, and all before it |
 * | `watches`, `judged` | zset | steals that are watched, until when; those whose watch is over |
 * | `watched`, `watched:<SYMBOL>:<side>` | hash, zset | the limits of their victims, for ticks to find |
 * | `watched_plans` | hash | plan -> `steal order`: its order that was taken last, while it is watched |
 * | `regrets` | hash | `account`, `pair A>B`, `rules FINGERPRINT` -> `regret gain`, decimal USD |
 * | `outbox`, `events` | stream | cancellations on record; what happened |
 * | `journal` | stream | what decisions saw, while somebody records (docs/journal.md) |
 * | `mutex`, `mutex_waiting` | string, zset | Redlock; who waits for it, until when each is counted |
 * | `plan:<id>`, `plans`, `plans_done` | hash, zset, zset | a plan; leases of those in work; ended ones |
 * | `plan_symbols` | zset | `SYMBOL id` of each unfinished plan, for people who ask for a symbol |
 * | `waiting`, `waits_by_need` | zset | plans that wait for room, best first; the same by what they need |
 * | `waits` | hash | plan -> `need_micros pool cash host filed_at_ms expires_at_ms since_ms` |
 * | `turns`, `thieves` | zset | whose turn it is, until when; who of `waiting` was near enough to steal |
 * | `plan_totals` | hash | how many plans were ever filed and ended; how many filings `plan_symbols` has |
 * | `refusal:<id>`, `refusals` | hash, zset | the last refusal of a plan or order, for an hour; ids by time |
 * | `planned:<strategy>` | hash | `SYMBOL side` -> `count terms id expires_at_ms`: a series' current plan |
 * | `forecasts:<strategy>` | hash | `SYMBOL side` -> `pnl expires_at_ms[ probability]`: of bots' orders |
 * | `hosts`, `host:<id>` | zset, hash | the fleet's processes by their last heartbeat; each one's heartbeat |
 * | `bar:<plan>`, `bars` | hash, zset | a plan that may not steal, why, until when; by that time |
 * | `assets` | hash | symbol -> `told_ms text`: the broker's rules for it, cached for all hosts |
 * | `attempts` | hash | `plan_`, `plan_x` -> number of the last order the broker has had, as of a rebuild |
 * | `oddities` | hash | `order <id>`, `position <SYMBOL>` -> what does not count in full, and why |
 * | `alerts`, `alerter` | hash, string | what alert processes told; the lock of the one that tells |
 * | `reconcile_failure` | hash | the last failed reconciliation: at_ms, first_ms, times, words; over_ms |
 *
 * One key does not belong to an account: the string `ws:{NUMBER}:claim` holds the name under which the
 * broker's account of this number is kept (claims.ts).
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
