/**
 * Where the read routes get what they answer. The only place that decides whether an answer comes from an
 * inspection script, from the ledger's keys, or from a mirror.
 */

import { readValues, type Values } from '../inspection/reading.ts';
import { answerOf } from '../ledger/answer.ts';
import { readClock } from '../ledger/clock-reading.ts';
import { eachOf } from '../ledger/each-of.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fields } from '../ledger/reply.ts';
import { reuse } from './reuse.ts';

/** An order as far as lists are sorted and filtered by it. `endedAtMs`: ledger time; 0 while it lives. */
export type OrderEntry = {
  id: string;
  symbol: string;
  state: string;
  pnl: number;
  createdAtMs: number;
  endedAtMs: number;
};

/** The same of a plan. */
export type PlanEntry = { id: string; symbol: string; stage: string; strategy: string };

/** The last refusal of a plan or an order: the ledger's own fields. */
export type RefusalRecord = { id: string; atMs: number; fields: Fields };

export type Book = {
  status(): Promise<Values>;
  fights(): Promise<Values>;
  audit(): Promise<Values>;
  why(id: string): Promise<Values>;
  steals(words: readonly string[]): Promise<Values>;
  /** Every order that counts. */
  liveOrders(): Promise<OrderEntry[]>;
  endedOrders(): Promise<OrderEntry[]>;
  /** The rows of these orders, at most 100, as `worksteal orders` has them. */
  orderRows(ids: readonly string[], ended: boolean): Promise<Values[]>;
  /** Of unfinished plans; of the latest that have ended. */
  planIds(ended: boolean): Promise<string[]>;
  planEntries(ids: readonly string[]): Promise<PlanEntry[]>;
  /** As orderRows. */
  planRows(ids: readonly string[], ended: boolean): Promise<Values[]>;
  refusals(): Promise<RefusalRecord[]>;
  hosts(): Promise<{ id: string; fields: Fields }[]>;
  /** The rules in force, as the ledger has them. */
  settings(): Promise<Fields>;
};

/** The audit and the status read the whole book: callers share one reading. */
const AUDIT_MS = 10_000;
const STATUS_MS = 500;
/** The latest of what has ended, and the latest refusals. */
const MAX_ENDED = 5_000;
const MAX_REFUSALS = 10_000;
const MAX_STEALS = 500;
const HOST_LIFE_MS = 15_000;

export function readBook(ledger: Ledger): Book {
  const values = (script: Parameters<typeof readValues>[1]['script'], words: readonly string[] = []) =>
    readValues(ledger, { script, words });
  const of = (name: string): string => key(ledger.account, name);
  const { redis } = ledger;

  const orderEntry = async (id: string): Promise<OrderEntry | undefined> => {
    const [symbol, state, pnl, created, ended] = await answerOf(
      'order',
      redis.hmget(
        key(ledger.account, `order:${id}`),
        'symbol',
        'state',
        'pnl',
        'created_at_ms',
        'ended_at_ms',
      ),
    );
    if (!symbol || !state) return undefined;
    const [createdAtMs, endedAtMs] = [Number(created ?? 0), Number(ended ?? 0)];
    return { id, symbol, state, pnl: Number(pnl ?? 0), createdAtMs, endedAtMs };
  };
  const planEntry = async (id: string): Promise<PlanEntry> => {
    const [symbol, stage, strategy] = await answerOf(
      'plan',
      redis.hmget(key(ledger.account, `plan:${id}`), 'symbol', 'stage', 'strategy'),
    );
    return { id, symbol: symbol ?? '', stage: stage ?? 'lost', strategy: strategy ?? '' };
  };
  const rowsOf = async (
    script: 'orders' | 'plans',
    ids: readonly string[],
    ended: boolean,
  ): Promise<Values[]> => {
    if (ids.length === 0) return [];
    const words = [...(ended ? ['ended'] : []), ...ids.map((id) => `id:${id}`), String(ids.length)];
    const rows = (await values(script, words))[script] as Values[];
    // In the order that was asked for.
    const byId = new Map(rows.map((row) => [row['id'], row]));
    return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
  };

  return {
    status: reuse(STATUS_MS, () => values('status')),
    fights: () => values('fights', ['500']),
    audit: reuse(AUDIT_MS, () => values('audit')),
    why: (id) => values('why', [id]),
    steals: (words) => values('steals', [...words, String(MAX_STEALS)]),
    async liveOrders() {
      const ids = new Set<string>();
      let cursor = '0';
      do {
        const [next, page] = await answerOf('live', redis.sscan(of('live'), cursor, 'COUNT', 500));
        for (const id of page) ids.add(id);
        cursor = next;
      } while (cursor !== '0');
      return await eachOf([...ids], orderEntry);
    },
    async endedOrders() {
      const ids = await answerOf('ended', redis.zrevrange(of('ended'), 0, MAX_ENDED - 1));
      return await eachOf(ids, orderEntry);
    },
    orderRows: (ids, ended) => rowsOf('orders', ids, ended),
    planIds: (ended) =>
      ended
        ? answerOf('plans', redis.zrevrange(of('plans_done'), 0, MAX_ENDED - 1))
        : answerOf('plans', redis.zrange(of('plans'), 0, '-1')),
    planEntries: (ids) => eachOf(ids, planEntry),
    planRows: (ids, ended) => rowsOf('plans', ids, ended),
    async refusals() {
      const flat = await answerOf('refusals', redis.zrevrange(of('refusals'), 0, MAX_REFUSALS - 1));
      return await eachOf(flat, async (id) => {
        const fields = await answerOf('refusal', redis.hgetall(key(ledger.account, `refusal:${id}`)));
        // Gone an hour after the last one; its id stays in the index.
        return fields['reason'] === undefined
          ? undefined
          : { id, atMs: Number(fields['at_ms'] ?? 0), fields };
      });
    },
    async hosts() {
      const { healthMs } = await readClock(ledger);
      const ids = await answerOf('hosts', redis.zrangebyscore(of('hosts'), healthMs - HOST_LIFE_MS, '+inf'));
      return await eachOf(ids.sort(), async (id) => {
        const fields = await answerOf('host', redis.hgetall(key(ledger.account, `host:${id}`)));
        return fields['role'] === undefined ? undefined : { id, fields };
      });
    },
    settings: () => answerOf('settings', redis.hgetall(of('settings'))),
  };
}
