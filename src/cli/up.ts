import { Command } from 'commander';
import { onStop } from '../fleet/stop-signals.ts';
import { jsonLine } from '../json/print.ts';
import { UP } from '../json/up.ts';
import { runAlpacaJob } from './up/alpaca-job.ts';
import { runMainJob } from './up/main-job.ts';
import { readUpOptions } from './up/options.ts';
import { table } from './up/summary.ts';

/**
 * `worksteal up`: the whole fleet on this machine. With the paper exchange, or with --alpaca on the account
 * of the keys.
 */
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
    .option(
      '--rules <which>',
      'beyond: also the rules that are off by default: forecasts fade, the young and the often robbed are ' +
        'left alone, steals have a budget, victims keep what is not needed (default: usual)',
    )
    .option('--seed <n>', 'seed of the synthetic market and its plans (default: 1)')
    .option('--equity <usd>', 'equity of the paper account (default: 100000)')
    .option('--watchers <n>', 'watcher processes (default: 3; 1 with --alpaca)')
    .option('--workers <n>', 'worker processes (default: 2; 1 with --alpaca)')
    .option('--keepers <n>', 'keeper processes; one of them is active (default: 1)')
    .option('--gateway', "a gateway, too: Alpaca's protocol for bots; its address and keys are printed")
    .option(
      '--alpaca',
      'the paper account of the keys in APCA_API_KEY_ID and APCA_API_SECRET_KEY, without an exchange and ' +
        'made-up plans',
    )
    .action(async (input: unknown) => {
      const options = readUpOptions(input);
      const stopping = new AbortController();
      onStop(() => stopping.abort());
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      const screen = process.stdout.isTTY && !options.json ? process.stdout : undefined;
      const now = (): number => performance.timeOrigin + performance.now();
      if (options.alpaca) return runAlpacaJob(options, { say, screen }, stopping.signal, now);
      const summary = await runMainJob(options, { say, screen }, stopping.signal, now);
      process.stdout.write(options.json ? jsonLine(UP, summary) : `${table(summary)}\n`);
      process.exitCode = summary.ok ? 0 : 1;
    });
}
