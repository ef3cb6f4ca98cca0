/**
 * `worksteal decide FILE`: what would the rules decide? Runs scenarios through the ledger on scratch accounts
 * and compares each decision with the expected one.
 */
import { Command } from 'commander';
import colors from 'picocolors';
import { openScratchAccounts } from '../ledger/what-if/scratch.ts';
import { openRedis } from '../redis/open.ts';
import type { Env } from '../rules/settings.ts';
import { cells, decisionLine, detail, HEADINGS, type Result } from './decide/lines.ts';
import { nameOf, readText, splitScenarios } from './decide/read.ts';
import { runScenarios } from './decide/run.ts';
import { tableText, terminalWidth, writer } from './table.ts';

type Options = { json?: true; verbose?: true; env?: true };

/**
 * The command. Prints a table, or with --json one line per scenario as soon as it is decided. Differences go
 * to standard error, with exit code 1.
 * @throws WorkstealError `invalid`, `settings`, `unavailable` or `missing` from its action
 */
export function decideCommand(env: Env = process.env): Command {
  return new Command('decide')
    .description(
      'say what the rules decide in a scenario, on a scratch account; compare with what it expects',
    )
    .argument(
      '<file>',
      'scenarios: an object, a JSON array, or an object on each line; - reads standard input',
    )
    .option('--json', 'JSON lines instead of a table')
    .option('--verbose', 'show the numbers behind each decision')
    .option('--env', "put a scenario's settings on top of this environment's instead of the defaults")
    .action(async (file: string, options: Options, command: Command) => {
      const write = writer(command);
      const complain = command.configureOutput().writeErr ?? write;
      const raws = splitScenarios(readText(file), file);
      const results: Result[] = [];
      let wrong = 0;
      const take = (result: Result, index: number): void => {
        const where = `${nameOf(file)}: scenario ${index + 1} (${result.id})`;
        for (const warning of result.warnings) complain(`${where}: ${warning}\n`);
        if (result.wrong.length > 0) {
          wrong += 1;
          complain(`${where}: ${result.wrong.join('; ')}\n`);
        }
        if (options.json) write(decisionLine(result, options.verbose === true));
        else results.push(result);
      };
      await decideAll(raws, env, options.env ? env : {}, take);
      if (!options.json) write(table(results, wrong, options.verbose === true));
      if (wrong > 0) process.exitCode = 1;
    });
}

async function decideAll(
  raws: readonly unknown[],
  env: Env,
  base: Env,
  take: (result: Result, index: number) => void,
): Promise<void> {
  const log = { info: logRedis, warn: logRedis };
  const redis = await openRedis({ env, log });
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const scratch = await openScratchAccounts(redis.url, redis.owned);
    try {
      await runScenarios(raws, scratch, base, take, stopping.signal);
    } finally {
      if (!redis.owned) await scratch.clear();
      await scratch.close();
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await redis.close();
  }
  if (stopping.signal.aborted) process.exitCode = 130;
}

function logRedis(message: string): void {
  process.stderr.write(`${message}\n`);
}

const VERDICTS: Readonly<Record<string, (text: string) => string>> = {
  ok: colors.green,
  DIFFERS: colors.red,
  ERROR: colors.red,
};

function table(results: readonly Result[], wrong: number, verbose: boolean): string {
  const [head = '', ...rows] = tableText(
    { head: HEADINGS, rows: results.map(cells), importance: [1, 2, 2, 3, 1] },
    terminalWidth(),
  )
    .trimEnd()
    .split('\n');
  const coloured = rows.map((row) =>
    row.replace(/(?<=\s)(ok|DIFFERS|ERROR)$/, (verdict) => (VERDICTS[verdict] ?? String)(verdict)),
  );
  const lines = coloured.flatMap((row, at) => {
    const result = results[at];
    return verbose && result !== undefined ? [row, colors.dim(`    ${detail(result)}`)] : [row];
  });
  const verdict = `${wrong} ${wrong === 1 ? 'difference' : 'differences'}`;
  const summary =
    `${results.length} ${results.length === 1 ? 'scenario' : 'scenarios'}, ` +
    `${wrong === 0 ? colors.green(verdict) : colors.red(verdict)}`;
  return `${[colors.bold(head), ...lines].join('\n')}\n\n${summary}\n`;
}
