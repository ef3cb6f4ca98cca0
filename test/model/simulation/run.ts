/** Runs many schedules, several at a time on one connection, each one twice; both logs must be equal. */
import { randomUUID } from 'node:crypto';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Mutant } from './scene.ts';
import { type Outcome, runSchedule } from './schedule.ts';

const ABREAST = 16;
const LINES_SHOWN = Number(process.env['SIMULATION_LINES'] ?? 40);

export type Failure = { seed: number; violations: readonly string[]; lines: readonly string[] };
export type Summary = { schedules: number; events: number; failures: Failure[]; tally: Map<string, number> };

/** Schedules of seeds from `seed` on, until there is a failure or `goOn` says no. */
export async function simulate(
  base: Ledger,
  {
    seed,
    schedules,
    mutant,
    once = false,
  }: { seed: number; schedules: number; mutant?: Mutant; once?: boolean },
  goOn: () => boolean = () => true,
): Promise<Summary> {
  const summary: Summary = { schedules: 0, events: 0, failures: [], tally: new Map() };
  base.redis.setMaxListeners(0); // each account's ledger listens for the end of the connection
  let next = seed;
  const lane = async (): Promise<void> => {
    while (next < seed + schedules && summary.failures.length === 0 && goOn()) {
      const mine = next;
      next += 1;
      const outcome = await runSchedule(base, account(), mine, mutant);
      const again = once ? outcome : await runSchedule(base, account(), mine, mutant);
      summary.schedules += 1;
      summary.events += outcome.log.length;
      for (const [what, count] of outcome.tally)
        summary.tally.set(what, (summary.tally.get(what) ?? 0) + count);
      const wrong = [...outcome.violations, ...unlike(outcome, again)];
      if (wrong.length > 0)
        summary.failures.push({ seed: mine, violations: wrong, lines: outcome.log.slice(-LINES_SHOWN) });
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, lane));
  return summary;
}

export function told({ seed, violations, lines }: Failure): string {
  return (
    `schedule ${seed}: ${violations.join('; ')}\n${lines.join('\n')}\nagain: npm run simulate -- --seed ` +
    `${seed} --schedules 1`
  );
}

function unlike(one: Outcome, other: Outcome): string[] {
  const at = one.log.findIndex((line, i) => line !== other.log[i]);
  if (at < 0 && one.log.length === other.log.length) return [];
  return [`the same seed went another way: "${one.log[at]}", then "${other.log[at]}"`];
}

function account(): string {
  return `simulation-${randomUUID().slice(0, 12)}`;
}
