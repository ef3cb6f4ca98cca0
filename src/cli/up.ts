import { Command } from 'commander';
import { onStop } from '../fleet/stop-signals.ts';
import { jsonLine } from './json/print.ts';
import { UP } from './json/up.ts';
import { runMainJob } from './up/main-job.ts';
import { readUpOptions } from './up/options.ts';
import { table } from './up/summary.ts';

/** `worksteal up`: the whole fleet on this machine, embedded Redis and paper exchange included. */
export function upCommand(): Command {
  return new Command('up')
    .description(
      'run the whole system on this machine: Redis, the paper exchange, watchers, workers, a keeper ' +
        'and a planner',
    )
    .option('--for <time>', 'stop after this time, such as 20s (default: run until Ctrl-C)')
    .option('--json', 'print the summary as one JSON line at the end')
    .option(
      '--data <dir>',
      'replay the hourly bars in this folder (*.csv, *.csv.gz), with their buy_limit and sell_limit as plans',
    )
    .option('--speed <n>', 'ledger seconds per real second (default: 60; 7200 with --data)')
    .option('--start <time>', 'market time at the start, ISO with a zone')
    .option('--seed <n>', 'seed of the synthetic market and its plans', '1')
    .option('--equity <usd>', 'equity of the paper account', '100000')
    .option('--watchers <n>', 'watcher processes', '3')
    .option('--workers <n>', 'worker processes', '2')
    .option('--keepers <n>', 'keeper processes; one of them is active', '1')
    .action(async (input: unknown) => {
      const options = readUpOptions(input);
      const stopping = new AbortController();
      onStop(() => stopping.abort());
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      const screen = process.stdout.isTTY && !options.json ? process.stdout : undefined;
      const summary = await runMainJob(
        options,
        { say, screen },
        stopping.signal,
        () => performance.timeOrigin + performance.now(),
      );
      process.stdout.write(options.json ? jsonLine(UP, summary) : `${table(summary)}\n`);
      process.exitCode = summary.ok ? 0 : 1;
    });
}
