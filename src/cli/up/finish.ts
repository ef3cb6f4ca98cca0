/**
 * The end of a run: waits until no order is in flight, then compares the ledger with the exchange. Room that
 * only the ledger counts is leaked (I7). The two differ briefly while prices move and fills arrive, so the
 * comparison is repeated until they agree, or for at most PATIENCE_MS.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Micros } from '../../domain/money.ts';
import { type Audit, audit } from '../../ledger/commands/audit.ts';
import { snapshot } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { askJudge, type Verdict } from './judge.ts';
import { shortMarginMicros } from './short-margin.ts';

const PATIENCE_MS = 15_000;
const LOOK_MS = 100;

export type Closing = {
  verdict: Verdict;
  audit: Audit;
  leaksMicros: Micros;
  lostPlans: number;
  unexplainedCancels: number;
  openSteals: number;
};

/** The difference in exposure between ledger and exchange, and the number of orders in flight. */
async function compare(
  ledger: Ledger,
  exchangeUrl: string,
): Promise<{ leaksMicros: Micros; underWay: number; verdict: Verdict }> {
  const book = await snapshot(ledger);
  const verdict = await askJudge(exchangeUrl);
  const margins = (book?.orders ?? []).reduce((sum, order) => sum + shortMarginMicros(order), 0);
  const used =
    Number(book?.account['orders_micros:total'] ?? 0) +
    Number(book?.account['positions_micros:total'] ?? 0) -
    margins;
  const underWay = (book?.orders ?? []).filter(
    (order) => order.state === 'pending' || order.state === 'cancelling' || order.state === 'reserved',
  );
  // The ledger rounds each order and each position up by less than a micro; the exchange adds exactly and
  // rounds the sum.
  const rounding = (book?.orders.length ?? 0) + (book?.positions.length ?? 0);
  const over = used - verdict.exposureMicros;
  return {
    leaksMicros: over >= 0 && over <= rounding ? 0 : Math.abs(over),
    underWay: underWay.length,
    verdict,
  };
}

/** Plans that were filed and have not ended, but are missing from the ledger's index. */
async function countLostPlans(ledger: Ledger): Promise<number> {
  const [filed, ended] = await ledger.redis.hmget(key(ledger.account, 'plan_totals'), 'filed', 'ended');
  const unfinished = await ledger.redis.zcard(key(ledger.account, 'plans'));
  return Math.abs(Number(filed ?? 0) - Number(ended ?? 0) - unfinished);
}

/** Cancellations that reached the exchange although neither a steal nor a watcher asked for them. */
async function countUnexplainedCancels(ledger: Ledger, verdict: Verdict): Promise<number> {
  let unexplained = 0;
  for (const { id } of verdict.cancelRequests) {
    const [known, asked] = await ledger.redis.hmget(
      key(ledger.account, `order:${id}`),
      'id',
      'cancel_asked_ms',
    );
    if (known !== null && asked === null) unexplained += 1;
  }
  return unexplained;
}

/** Call it after the last new entry, while workers and keepers still run. */
export async function close(ledger: Ledger, exchangeUrl: string, now: () => number): Promise<Closing> {
  const until = now() + PATIENCE_MS;
  let last = await compare(ledger, exchangeUrl);
  let best = last;
  while ((last.leaksMicros !== 0 || last.underWay > 0) && now() < until) {
    await pause(LOOK_MS);
    last = await compare(ledger, exchangeUrl);
    if (
      last.underWay < best.underWay ||
      (last.underWay === best.underWay && last.leaksMicros < best.leaksMicros)
    )
      best = last;
  }
  const checked = await audit(ledger);
  return {
    verdict: last.verdict,
    audit: checked ?? { orders: 0, positions: 0, faultCount: 1, faults: ['the account is missing'] },
    leaksMicros: best.leaksMicros,
    lostPlans: await countLostPlans(ledger),
    unexplainedCancels: await countUnexplainedCancels(ledger, last.verdict),
    openSteals: best.underWay,
  };
}
