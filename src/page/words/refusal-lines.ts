/** Refusals of the last 30 minutes: a line for each reason, the most frequent first. */
import type { Refused } from '../../json/history.ts';

export const BARS = 30;
const PERIOD_MS = 1_800_000;
const BAR_MS = PERIOD_MS / BARS;
const MOST = 5;

export type RefusalLine = {
  reason: string;
  total: number;
  /** Refusals in a minute each, the oldest first. */
  bars: number[];
  /** The most of them, and when that minute began, server's time. */
  peak: { count: number; atMs: number };
};

/** `highest`: of all bars. `more`: reasons that have no line. */
export function refusalLines(
  refused: readonly Refused[],
  nowMs: number,
): { lines: RefusalLine[]; highest: number; more: number } {
  const endMs = Math.ceil(nowMs / BAR_MS) * BAR_MS;
  const byReason = new Map<string, number[]>();
  for (const { atMs, reasons } of refused) {
    const bar = Math.floor((atMs - (endMs - PERIOD_MS)) / BAR_MS);
    if (bar < 0 || bar >= BARS) continue;
    for (const { reason, count } of reasons) {
      const bars = byReason.get(reason) ?? Array.from({ length: BARS }, () => 0);
      byReason.set(reason, bars);
      bars[bar] = (bars[bar] ?? 0) + count;
    }
  }
  const all = [...byReason].map(([reason, bars]) => {
    const count = Math.max(...bars);
    const atMs = endMs - PERIOD_MS + bars.lastIndexOf(count) * BAR_MS;
    return { reason, bars, total: bars.reduce((sum, each) => sum + each), peak: { count, atMs } };
  });
  all.sort((a, b) => b.total - a.total || (a.reason < b.reason ? -1 : 1));
  return {
    lines: all.slice(0, MOST),
    highest: Math.max(1, ...all.map(({ peak }) => peak.count)),
    more: Math.max(0, all.length - MOST),
  };
}
