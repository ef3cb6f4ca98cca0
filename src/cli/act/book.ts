/**
 * What is there to stop: the account's live orders, unfinished plans and positions, and which roles are
 * alive. Plain reads, so that a user who may read and stop needs no more.
 */
import { WorkstealError } from '../../domain/errors.ts';
import { answerOf } from '../../ledger/answer.ts';
import { readClock } from '../../ledger/clock-reading.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { eachOf } from '../../ledger/each-of.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type PlanRecord, readPlan } from '../../ledger/plan-record.ts';

/** A host without a heartbeat for this long counts as dead. */
const HOST_SILENCE_MS = 15_000;
const SCAN = 500;

/** `costMicros`: cost of the whole position; `qty`: unsigned decimal. */
export type HeldPosition = { symbol: string; qty: string; costMicros: number };

export type Role = 'watch' | 'work';

/** @throws WorkstealError `unknown` if the ledger has no such account; `unavailable` */
export async function requireAccount({ redis, account }: Ledger): Promise<void> {
  const state = await answerOf('account', redis.hget(key(account, 'account'), 'state'));
  if (state === null) throw new WorkstealError('unknown', `there is no account ${account}`, { account });
}

/** Every order that counts, worst first: by PnL, then by age. @throws WorkstealError `unavailable` */
export async function readLiveOrders(ledger: Ledger): Promise<LedgerOrder[]> {
  const ids: string[] = [];
  let cursor = '0';
  do {
    const name = key(ledger.account, 'live');
    const [next, page] = await answerOf('live', ledger.redis.sscan(name, cursor, 'COUNT', SCAN));
    ids.push(...page);
    cursor = next;
  } while (cursor !== '0');
  const orders = await eachOf([...new Set(ids)], (id) => readLedgerOrder(ledger, id));
  return orders.sort((a, b) => Number(a.pnl) - Number(b.pnl) || a.createdAtMs - b.createdAtMs);
}

/** Every unfinished plan. @throws WorkstealError `unavailable` */
export async function readOpenPlans(ledger: Ledger): Promise<PlanRecord[]> {
  const ids = await answerOf('plans', ledger.redis.zrange(key(ledger.account, 'plans'), 0, '-1'));
  const plans = await eachOf(ids, (id) => readPlan(ledger, id));
  return plans.filter(({ ended }) => !ended);
}

/** @throws WorkstealError `unavailable` */
export async function readPositions({ redis, account }: Ledger): Promise<HeldPosition[]> {
  const symbols = await answerOf('positions', redis.smembers(key(account, 'positions')));
  return await eachOf(symbols.sort(), async (symbol) => {
    const name = key(account, `position:${symbol}`);
    const [qty, cost] = await answerOf('position', redis.hmget(name, 'qty', 'cost_micros'));
    return qty ? { symbol, qty, costMicros: Number(cost ?? 0) } : undefined;
  });
}

/** Is a process of this role alive that does not stand aside? @throws WorkstealError `unavailable` */
export async function isRoleAlive(ledger: Ledger, role: Role): Promise<boolean> {
  const { redis, account } = ledger;
  const { healthMs } = await readClock(ledger);
  const from = healthMs - HOST_SILENCE_MS;
  const hosts = await answerOf('hosts', redis.zrangebyscore(key(account, 'hosts'), from, '+inf'));
  const records = await eachOf(hosts, (host) =>
    answerOf('host', redis.hmget(key(account, `host:${host}`), 'role', 'trouble')),
  );
  return records.some(([name, trouble]) => name === role && !trouble);
}
