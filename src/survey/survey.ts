/**
 * Counts a whole book for the metrics: in small steps, each well below a millisecond of Redis' time for any
 * size of the book.
 */
import { answerOf } from '../ledger/answer.ts';
import { readClock } from '../ledger/clock-reading.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readStatus, type Status } from '../mirror/rows.ts';
import type { BookFigures } from '../ops/metrics/book-figures.ts';
import { countOrders } from './order-counts.ts';
import { countPlans, countWaiting } from './plan-counts.ts';
import { quoteAges } from './quote-ages.ts';

/** Orders, and plans, beyond so many are not counted; `worksteal status` stops there, too. */
const MOST = 20_000;
const BUDGET_WINDOW_MS = 60_000;

/** Requests per minute; 0: no limit. */
export type Budgets = { trading: number; data: number };

/** What only the keeper's last round knows. */
export type RoundFigures = Pick<BookFigures, 'driftMicros' | 'brokerMicros'>;

/** @throws WorkstealError `unknown` without the account, `unavailable` */
export async function surveyBook(
  ledger: Ledger,
  budgets: Budgets,
  round: RoundFigures,
): Promise<BookFigures> {
  const { nowMs, healthMs } = await readClock(ledger);
  const status = await readStatus(ledger);
  const orders = await countOrders(ledger, MOST);
  const plans = await countPlans(ledger, MOST);
  const waiting = await countWaiting(ledger, plans.waiting, nowMs);
  const quotes = await quoteAges(ledger, [...new Set([...orders.symbols, ...plans.symbols])], healthMs);
  return {
    pools: status.pools,
    admits: status.admits,
    syncedAtMs: status.syncedAtMs,
    held: orders.held,
    orders: orders.states,
    protected: orders.protected,
    takeable: orders.takeable,
    unclear: orders.unclear,
    plans: plans.stages,
    waiting,
    queue: { plans: status.waiting, named: status.turnsNamed, passedOver: status.turnsPassedOver },
    fights: await fightsNow(ledger, nowMs),
    outbox: status.outbox,
    outboxOldestMs: status.outboxOldestMs ?? 0,
    stealBudget: stealBudgetOf(status),
    budgets: await budgetsLeft(ledger, budgets, healthMs),
    quoteAgesMs: quotes.agesMs,
    staleSymbols: quotes.stale,
    ...round,
    hosts: countBy(status.hosts.map(({ role }) => role)),
    hostsDiffering: status.hosts.filter(({ agrees }) => !agrees).length,
  };
}

function stealBudgetOf({ takenMicros, budgetMicros }: Status): BookFigures['stealBudget'] {
  if (takenMicros === null || budgetMicros === null) return null;
  return { takenMicros, mostMicros: budgetMicros };
}

async function fightsNow(ledger: Ledger, nowMs: number): Promise<number> {
  const { redis } = ledger;
  return await answerOf('survey', redis.zcount(key(ledger.account, 'fights'), `(${nowMs}`, '+inf'));
}

/** What is left of the budgets of this minute (src/broker/limiter.ts). */
async function budgetsLeft(
  ledger: Ledger,
  { trading, data }: Budgets,
  healthMs: number,
): Promise<BookFigures['budgets']> {
  const { redis } = ledger;
  const since = healthMs - BUDGET_WINDOW_MS;
  const [used, usedOfData] = await answerOf(
    'survey',
    Promise.all([
      redis.zcount(key(ledger.account, 'limiter'), since, '+inf'),
      redis.zcount(key(ledger.account, 'limiter:data'), since, '+inf'),
    ]),
  );
  return [
    { budget: 'trading', remaining: Math.max(0, trading - used) },
    ...(data === 0 ? [] : [{ budget: 'data', remaining: Math.max(0, data - usedOfData) }]),
  ];
}

function countBy(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]));
}
