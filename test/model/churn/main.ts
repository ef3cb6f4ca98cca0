/**
 * `npm run churn -- --seed 1 --days 30`: a simulated month of a full book of sixteen symbols, for each
 * setting that docs/rules.md, 6.5 compares; prints the table. Takes some minutes.
 */
import { Command } from 'commander';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { startPrivateRedis } from '../../support/redis.ts';
import { wholeNumber } from '../../support/whole-number.ts';
import { ROWS } from './rows.ts';
import { runMonth } from './run.ts';
import { type Result, tableOf } from './table.ts';

/** Rows that run at the same time: one waits for Redis while another computes. */
const ABREAST = 4;

type Options = { seed: number; days: number; only?: string; json: boolean };

await new Command('churn')
  .description('counts what stealing costs, per setting, in a seeded simulated month')
  .option('--seed <n>', 'of prices and plans', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--days <n>', 'how long', wholeNumber(1, 366), 30)
  .option('--only <texts>', 'only the settings whose name holds one of these texts, separated by commas')
  .option('--json', 'the figures as JSON', false)
  .action(run)
  .parseAsync();

async function run({ seed, days, only = '', json }: Options): Promise<void> {
  const redis = await startPrivateRedis();
  const base = await openLedger(redis.url, 'churn', { loadsFunctions: true });
  base.redis.setMaxListeners(0); // each account's ledger listens for the end of the connection
  const rows = ROWS.filter(({ name }) => only.split(',').some((text) => name.includes(text))).map(
    (row, at) => ({ ...row, at }),
  );
  const results: Result[] = [];
  const left = [...rows];
  const lane = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const startedMs = performance.now();
      const figures = await runMonth(base, `churn-${row.at}`, {
        ...{ seed, hours: days * 24 },
        env: row.env,
      });
      results[row.at] = { name: row.name, figures };
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      process.stderr.write(`${row.name}: ${seconds} s ${JSON.stringify(figures)}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: ABREAST }, lane));
  } finally {
    await base.close();
    await redis.close();
  }
  process.stdout.write(`${json ? JSON.stringify({ seed, days, results }, null, 2) : tableOf(results)}\n`);
}
