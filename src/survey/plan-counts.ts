/** Unfinished plans, counted, and wishes that wait with a refusal. */
import { answerOf } from '../ledger/answer.ts';
import { eachOf } from '../ledger/each-of.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

export type PlanCounts = {
  stages: Record<string, number>;
  /** Ids of those that wait for their entry. */
  waiting: Set<string>;
  symbols: Set<string>;
};

export type Waiting = { reason: string; wishes: number; oldestMs: number };

/** The latest refusals that are looked at. */
const REFUSALS_LOOKED = 2_000;
/** A refusal is kept for an hour after its last time (lua/include/refusals.lua). */
const REFUSAL_LIFE_MS = 3_600_000;
/** A bot's order that was not refused for so long is not waiting any more. */
const BOT_PATIENCE_MS = 60_000;

/**
 * @param most plans beyond so many are left out
 * @throws WorkstealError `unavailable`
 */
export async function countPlans(ledger: Ledger, most: number): Promise<PlanCounts> {
  const { redis } = ledger;
  const counts: PlanCounts = { stages: {}, waiting: new Set(), symbols: new Set() };
  const ids = await answerOf('survey', redis.zrange(key(ledger.account, 'plans'), 0, String(most - 1)));
  const rows = await eachOf(ids, async (id) => {
    const asked = redis.hmget(key(ledger.account, `plan:${id}`), 'stage', 'symbol');
    const [stage, symbol] = await answerOf('survey', asked);
    return { id, stage: stage ?? 'lost', symbol };
  });
  for (const { id, stage, symbol } of rows) {
    counts.stages[stage] = (counts.stages[stage] ?? 0) + 1;
    if (stage === 'waiting') counts.waiting.add(id);
    if (symbol) counts.symbols.add(symbol);
  }
  return counts;
}

/**
 * Wishes by the reason of their last refusal: plans that wait, and orders that no plan holds.
 * @param nowMs ledger time
 * @throws WorkstealError `unavailable`
 */
export async function countWaiting(
  ledger: Ledger,
  waiting: ReadonlySet<string>,
  nowMs: number,
): Promise<Waiting[]> {
  const { redis } = ledger;
  const ids = await answerOf(
    'survey',
    redis.zrevrange(key(ledger.account, 'refusals'), 0, REFUSALS_LOOKED - 1),
  );
  const rows = await eachOf(ids, async (id) => {
    const refusal = key(ledger.account, `refusal:${id}`);
    const asked = Promise.all([redis.hmget(refusal, 'reason', 'first_at_ms', 'plan'), redis.pttl(refusal)]);
    const [[reason, firstAtMs, plan], leftMs] = await answerOf('survey', asked);
    const isWaiting = plan ? waiting.has(id) : leftMs > REFUSAL_LIFE_MS - BOT_PATIENCE_MS;
    return reason && isWaiting ? { reason, firstAtMs: Number(firstAtMs ?? nowMs) } : undefined;
  });
  const by = Map.groupBy(rows, ({ reason }) => reason);
  return [...by].map(([reason, some]) => {
    const first = Math.min(...some.map(({ firstAtMs }) => firstAtMs));
    return { reason, wishes: some.length, oldestMs: Math.max(0, nowMs - first) };
  });
}
