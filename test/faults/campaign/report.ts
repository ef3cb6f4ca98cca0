/** Prints a campaign's summary. */
import colors from 'picocolors';
import type { Summary } from './verdict.ts';

export function report(summary: Summary): string {
  const judged = (value: number): string => (value === 0 ? colors.green('0') : colors.red(String(value)));
  const { recoveredInMs } = summary;
  const faults = Object.values(summary.faults).reduce((sum, count) => sum + count, 0);
  const rows: [string, string][] = [
    ['seed', `${summary.seed}, ${summary.seconds} s`],
    [
      'faults',
      `${faults}: ${Object.entries(summary.faults)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
    ],
    [
      'orders',
      `${summary.accepted} accepted, ${summary.fills} fills, highest use ` +
        `${(100 * summary.highestUse).toFixed(2)} % of the cap`,
    ],
    ['steals', `${summary.steals}, ${summary.granted} granted`],
    ['recovered', `p50 ${recoveredInMs.p50} ms, at most ${recoveredInMs.max} ms after a fault`],
    ['I1 over the cap', judged(summary.capViolations)],
    ['I2 audit', judged(summary.auditFaults)],
    ['I3 rules', judged(summary.ruleViolations)],
    ['I6 double orders', judged(summary.doubleOrders)],
    ['other side', `${judged(summary.crossed)} entries netted with a position`],
    ['other fleets', `${judged(summary.unnoticed)} unnoticed`],
    ['I7 leaked', `${judged(summary.leaksMicros)} micro-USD`],
    ['I9 orphans', judged(summary.orphanVictims)],
    ['unexplained', judged(summary.unexplainedCancels)],
    ['lost plans', judged(summary.lostPlans)],
    ['unfinished', judged(summary.unfinished)],
    ['bots', `${summary.wished} orders, ${summary.placed} placed, ${summary.retries} requests sent again`],
    ['told wrong', `${judged(summary.toldWrong)}, unknown to all ${judged(summary.strayOrders)}`],
    ["bots' streams", `${judged(summary.streamFaults)} faults; idle doors ${judged(summary.idleDoors)}`],
    ['crashes, bugs', `${judged(summary.crashes)}, ${judged(summary.bugs)}`],
    ['stuck, idle', `${judged(summary.stuck)}, ${judged(summary.idle)}`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `${colors.dim(label.padEnd(width))}  ${text}`).join('\n');
}
