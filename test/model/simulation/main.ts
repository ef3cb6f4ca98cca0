/**
 * `npm run simulate -- --seed 7 --schedules 1000 --json`: seeded schedules of the protocol on the real
 * scripts; exit code 1 if one violates an invariant.
 */
import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { startRedis } from '../../support/redis.ts';
import { wholeNumber } from '../../support/whole-number.ts';
import { simulate, told } from './run.ts';

const MOST_SCHEDULES = 1_000_000;

type Options = { seed?: number; schedules: number; json: boolean };

await new Command('simulate')
  .description('runs seeded schedules of faults against the ledger, each twice, and judges them')
  .option(
    '--seed <n>',
    'of the first schedule; the next ones follow (default: a new one)',
    wholeNumber(0, 2 ** 32 - 1),
  )
  .option('--schedules <n>', 'how many', wholeNumber(1, MOST_SCHEDULES), 1_000)
  .option('--json', 'end with one JSON line: the summary', false)
  .action(run)
  .parseAsync();

async function run({ seed = randomInt(2 ** 31), schedules, json }: Options): Promise<void> {
  const redis = await startRedis();
  const ledger = await openLedger(redis.url, 'simulation');
  const startedMs = performance.now();
  process.stderr.write(`seed ${seed}\n`);
  const { tally, failures, ...counts } = await simulate(ledger, { seed, schedules });
  const perMinute = Math.round((counts.schedules * 60_000) / (performance.now() - startedMs));
  const seen = Object.fromEntries([...tally].sort(([a], [b]) => a.localeCompare(b)));
  await ledger.close();
  await redis.close();
  for (const failure of failures) process.stderr.write(`${told(failure)}\n`);
  const summary = { seed, ...counts, perMinute, failures, seen };
  const lines = Object.entries(seen).map(([what, count]) => `${String(count).padStart(8)}  ${what}`);
  const text =
    `${counts.schedules} schedules, ${counts.events} events, ${perMinute} schedules a ` +
    `minute\n${lines.join('\n')}`;
  process.stdout.write(`${json ? JSON.stringify(summary) : text}\n`);
  if (failures.length > 0) process.exitCode = 1;
}
