/** What was refused: the last refusal of each plan, or of an order without one, which is kept for an hour. */
import { REFUSALS, type Refusal } from '../../domain/outcome.ts';
import { type LastRefusal, RefusalSteps, readRefusals } from '../../history/refusals.ts';
import { ledgerTimeOf, serverTimeOf } from '../../history/times.ts';
import type { Refused } from '../../json/history.ts';
import { answerOf } from '../../ledger/answer.ts';
import type { ClockReading } from '../../ledger/clock-reading.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const MOST = 10_000;

export type ReportedReason = { reason: Refusal; wishes: number; times: number; lastAtMs: number };

/**
 * By reason, in the order of the rules, and over time.
 * @param fromMs the server's time
 * @throws WorkstealError `unavailable`
 */
export async function readReasons(
  ledger: Ledger,
  fromMs: number,
  stepMs: number,
  clock: ClockReading,
): Promise<{ refused: ReportedReason[]; refusals: Refused[] }> {
  const { redis, account } = ledger;
  const ids = await answerOf('refusals', redis.zrevrange(key(account, 'refusals'), 0, MOST - 1));
  const from = ledgerTimeOf(fromMs, clock);
  const all = (await readRefusals(ledger, ids)).filter(({ atMs }) => atMs >= from);
  const steps = new RefusalSteps(stepMs);
  for (const { atMs, reason } of all) steps.add(serverTimeOf(atMs, clock), reason, 1);
  const byReason = Map.groupBy(all, ({ reason }) => reason);
  const refused = REFUSALS.flatMap((reason) => {
    const some: LastRefusal[] = byReason.get(reason) ?? [];
    if (some.length === 0) return [];
    const times = some.reduce((sum, one) => sum + one.times, 0);
    const lastAtMs = some.reduce((last, { atMs }) => Math.max(last, atMs), 0);
    return [{ reason, wishes: some.length, times, lastAtMs: Math.floor(serverTimeOf(lastAtMs, clock)) }];
  });
  return { refused, refusals: steps.steps() };
}
