/**
 * Common to the inspection commands: read once, or every second with --watch; print tables, or one JSON
 * object with --json.
 */
import type { Command } from 'commander';
import type { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { type Question, readSections, readValues, type Values } from '../../inspection/reading.ts';
import { jsonLine } from '../../json/print.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Env } from '../../rules/settings.ts';
import { terminalWidth, writer } from '../table.ts';
import { terminalView } from '../terminal/view.ts';
import { wrapped } from '../terminal/width.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './connection.ts';
import { everySecond } from './every-second.ts';
import { colorsFor, renderSections } from './render.ts';

export type InspectOptions = WhereOptions & { json?: true; watch?: true; limit?: string };

/**
 * Adds the common options; `limit` is the help text of --limit, for scripts that take one. Words that the
 * command does not declare go to the script too, which says what it takes instead.
 */
export function inspection(command: Command, limit?: string): Command {
  withWhere(command)
    .allowExcessArguments()
    .option('--json', 'one JSON object instead of tables (with --watch: one per line)')
    .option('--watch', 'read and print again every second, until Ctrl-C');
  return limit === undefined ? command : command.option('--limit <n>', limit);
}

/**
 * A script's ARGV: what options chose, the words that were given, the limit.
 * @throws WorkstealError `invalid` for a limit that is not a number
 */
export function wordsOf(
  given: readonly string[],
  { limit }: InspectOptions,
  chosen: readonly (string | undefined)[] = [],
): string[] {
  const words = [...chosen.filter((word) => word !== undefined), ...given];
  if (limit === undefined) return words;
  if (!/^\d{1,7}$/.test(limit))
    throw new WorkstealError('invalid', `--limit: "${shown(limit)}" is not a number`, {
      field: 'limit',
      value: limit,
    });
  return [...words, limit];
}

/** `json`: what --json prints. `onValues`: gets the values of a single reading, to set the exit code. */
export type Shape = { json: z.ZodType; onValues?: (values: Values) => void };

/**
 * Answers a question on standard output.
 * @throws WorkstealError `settings`, `unavailable`, `unknown`, `invalid`
 */
export async function inspect(
  question: Question,
  options: InspectOptions,
  command: Command,
  env: Env,
  { json: schema, onValues }: Shape,
): Promise<void> {
  const where = readWhere(options, env);
  const write = writer(command);
  await withLedger(where, async (ledger) => {
    const read = options.json
      ? async () => jsonLine(schema, await readValues(ledger, question))
      : async () => await asTables(ledger, question, env);
    if (options.watch) return await watch(ledger, question, options.json === true, write, env, read);
    write(await read());
    if (onValues !== undefined) onValues(await readValues(ledger, question));
  });
}

async function asTables(ledger: Ledger, question: Question, env: Env): Promise<string> {
  const isTerminal = process.stdout.isTTY === true;
  const lines = renderSections(
    await readSections(ledger, question),
    colorsFor(env, isTerminal),
    terminalWidth(),
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
  read: () => Promise<string>,
): Promise<void> {
  const screen = process.stdout.isTTY === true && !json ? terminalView(process.stdout) : undefined;
  const c = colorsFor(env, process.stdout.isTTY === true);
  const show = async (): Promise<void> => {
    if (screen === undefined) return write(`${await read()}${json ? '' : '\n'}`);
    const sections = await readSections(ledger, question);
    screen.draw((columns) => renderSections(sections, c, columns));
  };
  const complain = (message: string): void => {
    if (screen === undefined) process.stderr.write(`${message}\n`);
    else screen.draw((columns) => wrapped(message, columns).map(c.red));
  };
  try {
    await everySecond({ show, complain });
  } finally {
    screen?.end();
  }
}
