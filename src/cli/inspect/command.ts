/**
 * Common to the inspection commands: read once, or every second with --watch; print tables, or one JSON
 * object with --json.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Env } from '../../rules/settings.ts';
import { writer } from '../table.ts';
import { terminalView } from '../up/view.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './connection.ts';
import { type Question, readSections, readValues, type Values } from './reading.ts';
import { colorsFor, renderSections } from './render.ts';
import { untilStopped } from './until-stopped.ts';

const WATCH_MS = 1_000;

export type InspectOptions = WhereOptions & { json?: true; watch?: true; limit?: string };

/** Adds the common options; `limit` is the help text of --limit, for scripts that take one. */
export function inspection(command: Command, limit?: string): Command {
  withWhere(command)
    .option('--json', 'one JSON object instead of tables (with --watch: one per line)')
    .option('--watch', 'read and print again every second, until Ctrl-C');
  return limit === undefined ? command : command.option('--limit <n>', limit);
}

/**
 * A script's ARGV: its words, then the limit.
 * @throws WorkstealError `invalid` for a limit that is not a number
 */
export function wordsOf(words: readonly string[], options: InspectOptions): string[] {
  const { limit } = options;
  if (limit === undefined) return [...words];
  if (!/^\d{1,7}$/.test(limit))
    throw new WorkstealError('invalid', `--limit: "${shown(limit)}" is not a number`, {
      field: 'limit',
      value: limit,
    });
  return [...words, limit];
}

/**
 * Answers a question on standard output.
 * @param onValues gets the values of a single reading, for example to set the exit code
 * @throws WorkstealError `settings`, `unavailable`, `unknown`, `invalid`
 */
export async function inspect(
  question: Question,
  options: InspectOptions,
  command: Command,
  env: Env,
  onValues?: (values: Values) => void,
): Promise<void> {
  const where = readWhere(options, env);
  const write = writer(command);
  await withLedger(where, async (ledger) => {
    if (options.watch) return await watch(ledger, question, options.json === true, write, env);
    write(await once(ledger, question, options.json === true, env));
    if (onValues !== undefined) onValues(await readValues(ledger, question));
  });
}

async function once(ledger: Ledger, question: Question, json: boolean, env: Env): Promise<string> {
  if (json) return `${JSON.stringify(await readValues(ledger, question))}\n`;
  const lines = renderSections(
    await readSections(ledger, question),
    colorsFor(env, process.stdout.isTTY === true),
  );
  return `${lines.join('\n')}\n`;
}

/**
 * On a terminal each reading replaces the previous one; elsewhere it is appended. An outage is reported, and
 * the next reading tried.
 */
async function watch(
  ledger: Ledger,
  question: Question,
  json: boolean,
  write: (text: string) => void,
  env: Env,
): Promise<void> {
  const screen = process.stdout.isTTY === true && !json ? terminalView(process.stdout) : undefined;
  const c = colorsFor(env, process.stdout.isTTY === true);
  const show = async (): Promise<void> => {
    if (screen === undefined) return write(`${await once(ledger, question, json, env)}${json ? '' : '\n'}`);
    screen.draw(renderSections(await readSections(ledger, question), c, process.stdout.columns || undefined));
  };
  const complain = (message: string): void => {
    if (screen === undefined) process.stderr.write(`${message}\n`);
    else screen.draw([c.red(message)]);
  };
  try {
    await untilStopped(async (signal) => {
      while (!signal.aborted) {
        try {
          await show();
        } catch (error) {
          if (!(error instanceof WorkstealError && error.retriable)) throw error;
          complain(error.message);
        }
        await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
      }
    });
  } finally {
    screen?.end();
  }
}
