/** The summary of a run of the main job. */
import colors from 'picocolors';
import type { Micros } from '../../domain/money.ts';
import type { Closing } from './finish.ts';
import type { Latencies, Tally } from './tally.ts';

/** The line that `--json` prints; `ok` decides the exit code. */
export type Summary = {
  seconds: number;
  plans: number;
  admitted: number;
  refused: Record<string, number>;
  steals: { granted: number; failed: number };
  cancels: number;
  fills: number;
  capViolations: number;
  doubleOrders: number;
  leaksMicros: Micros;
  auditFaults: string[];
  lostPlans: number;
  unexplainedCancels: number;
  unfinished: number;
  highestUse: number;
  deaths: number;
  latencyMs: Record<'admit' | 'blockedToGranted', Latencies>;
  ok: boolean;
};

type Run = { seconds: number; tally: Tally; closing: Closing; deaths: number; plans: number };

export function summarize({ seconds, tally, closing, deaths, plans }: Run): Summary {
  const { verdict, audit, leaksMicros, lostPlans, unexplainedCancels, openSteals } = closing;
  const clean =
    verdict.violationCount === 0 && verdict.doubleOrders === 0 && leaksMicros === 0 && audit.faultCount === 0;
  return {
    seconds: Math.round(seconds * 10) / 10,
    plans,
    admitted: tally.admitted,
    refused: tally.refused,
    steals: { granted: tally.steals.granted, failed: tally.steals.failed },
    cancels: verdict.cancels,
    fills: verdict.fills,
    capViolations: verdict.violationCount,
    doubleOrders: verdict.doubleOrders,
    leaksMicros,
    auditFaults: audit.faults,
    lostPlans,
    unexplainedCancels,
    unfinished: openSteals,
    highestUse: Math.round((verdict.pools['total']?.highestRatio ?? 0) * 10_000) / 10_000,
    deaths,
    latencyMs: tally.latencyMs(),
    ok: clean && lostPlans === 0 && unexplainedCancels === 0 && openSteals === 0,
  };
}

/** The summary as a table for the terminal. */
export function table(summary: Summary): string {
  const { steals, latencyMs, refused } = summary;
  const judged = (value: number) => (value === 0 ? colors.green('0') : colors.red(String(value)));
  const rows: [string, string][] = [
    ['seconds', String(summary.seconds)],
    ['plans', `${summary.plans} filed, ${judged(summary.lostPlans)} lost`],
    ['admitted', String(summary.admitted)],
    [
      'refused',
      Object.entries(refused)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', ') || 'none',
    ],
    ['steals', `${steals.granted} granted, ${steals.failed} failed`],
    ['cancels, fills', `${summary.cancels}, ${summary.fills}`],
    ['highest use', `${(summary.highestUse * 100).toFixed(2)} % of the cap`],
    ['over the cap', judged(summary.capViolations)],
    ['double orders', judged(summary.doubleOrders)],
    ['leaked', `${judged(summary.leaksMicros)} micro-USD`],
    [
      'audit',
      summary.auditFaults.length === 0
        ? colors.green('no fault')
        : colors.red(summary.auditFaults.join('; ')),
    ],
    ['admit', `p50 ${latencyMs.admit.p50} ms, p99 ${latencyMs.admit.p99} ms`],
    ['to grant', `p50 ${latencyMs.blockedToGranted.p50} ms, p99 ${latencyMs.blockedToGranted.p99} ms`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `${colors.dim(label.padEnd(width))}  ${text}`).join('\n');
}
