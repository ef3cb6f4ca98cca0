/**
 * `worksteal clock`: is New York open, and how close to its limit must a symbol be to enter? For a file
 * of cases, or one instant.
 */
import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import colors from 'picocolors';
import { WorkstealError } from '../domain/errors.ts';
import { unreadable } from '../domain/file-fault.ts';
import { toSymbol } from '../domain/symbol.ts';
import { processSettings } from '../fleet/settings-file.ts';
import { CLOCK } from '../json/clock.ts';
import { errorFields } from '../json/error.ts';
import { jsonLine } from '../json/print.ts';
import { decode } from '../planner/forecasts/decode.ts';
import { showNewYork } from '../rules/new-york.ts';
import { MarketCalendar } from '../rules/session.ts';
import type { Env } from '../rules/settings.ts';
import { entryRule } from '../rules/tolerance.ts';
import { answerCase, differences, instant, readCase, splitCases } from './clock-cases.ts';
import { columns, tableText, terminalWidth, writer } from './table.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;

type Options = { json?: true; at?: string; symbol?: string; rank?: string };

/** One case's line: the answer, or why there is none; `wrong` says what differs from the expectation. */
type Line = { cells: string[]; json: object; wrong: string[] };

function readFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size <= MAX_FILE_BYTES) return decode(readFileSync(path), path);
    throw new WorkstealError('invalid', `${path}: ${size} bytes; at most ${MAX_FILE_BYTES}`, {
      field: 'file',
      value: path,
    });
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw unreadable(path, error);
  }
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');

function line(raw: unknown, calendar: MarketCalendar): Line {
  try {
    const asked = readCase(raw);
    const answer = answerCase(asked, calendar);
    const wrong = differences(answer, asked.expect);
    const rank = asked.rank === null ? '-' : String(asked.rank);
    const verdict = wrong.length > 0 ? 'DIFFERS' : Object.keys(asked.expect).length > 0 ? 'ok' : '';
    const told = [yes(answer.nyseOpen), String(answer.tolerance), yes(answer.forceImmediate)];
    return { cells: [asked.at, asked.symbol, rank, ...told, verdict, asked.note], json: answer, wrong };
  } catch (error) {
    if (!(error instanceof WorkstealError)) throw error;
    return {
      cells: ['-', '-', '-', '-', '-', '-', 'ERROR', ''],
      json: errorFields(error),
      wrong: [error.message],
    };
  }
}

/** Answers every case of a file; true when all are as expected. */
function answerFile(
  path: string,
  json: boolean,
  write: (text: string) => void,
  complain: (text: string) => void,
): boolean {
  const calendar = new MarketCalendar();
  const answered = splitCases(readFile(path)).map((raw) => line(raw, calendar));
  if (json) {
    for (const one of answered) write(jsonLine(CLOCK, one.json));
  } else {
    write(
      tableText(
        {
          head: ['AT', 'SYMBOL', 'RANK', 'OPEN', 'TOLERANCE', 'FORCED', '', 'NOTE'],
          rows: answered.map((one) => one.cells),
          importance: [1, 1, 4, 2, 2, 3, 1, 5],
        },
        terminalWidth(),
      ),
    );
  }
  const wrong = answered.flatMap((one, at) =>
    one.wrong.length > 0 ? [`case ${at + 1}: ${one.wrong.join('; ')}`] : [],
  );
  for (const sentence of wrong) complain(`${sentence}\n`);
  if (!json)
    write(
      `\n${answered.length} cases, ` +
        `${wrong.length === 0 ? colors.green('0 wrong') : colors.red(`${wrong.length} wrong`)}\n`,
    );
  return wrong.length === 0;
}

/** One instant, one symbol, under the environment's settings. */
function answerOne(
  options: Options & { at: string; symbol: string },
  env: Env,
  write: (text: string) => void,
): void {
  const nowMs = instant(options.at);
  const { settings } = processSettings(env);
  const calendar = new MarketCalendar({ closures: settings.nyseClosures });
  const rank = options.rank === undefined ? null : Number(options.rank);
  const entry = entryRule({ nowMs, symbol: toSymbol(options.symbol), rank }, settings, calendar);
  if (options.json) {
    return write(jsonLine(CLOCK, { ...entry, tolerance: Number(entry.tolerance) }));
  }
  write(
    columns([
      ['New York', showNewYork(nowMs)],
      ['core session', entry.nyseOpen ? 'open' : 'closed'],
      ['next open', showNewYork(calendar.nextOpen(nowMs))],
      ['next close', showNewYork(calendar.nextClose(nowMs))],
      ['entry tolerance', `${entry.tolerance} of the limit`],
      ['force_immediate', yes(entry.forceImmediate)],
    ]),
  );
}

/**
 * The command. A file's result is a table, or with --json a line for each case. Differences from `expect`
 * go to standard error and make the exit code 1.
 * @throws WorkstealError `invalid` or `settings` from its action, when the question itself is malformed.
 */
export function clockCommand(env: Env = process.env): Command {
  return new Command('clock')
    .description('say whether New York is open and how close to its limit an order must be to enter')
    .argument(
      '[file]',
      'cases {at, symbol, rank, config, expect}: a JSON array, an object, or one on each line',
    )
    .option('--at <instant>', 'instead of a file: an ISO 8601 instant with its offset')
    .option('--symbol <symbol>', 'with --at: the symbol')
    .option('--rank <n>', "with --at: the symbol's rank among the active cryptos")
    .option('--json', 'JSON lines instead of a table')
    .action((file: string | undefined, options: Options, command: Command) => {
      const write = writer(command);
      const { at, symbol } = options;
      if (file !== undefined && at === undefined) {
        const complain = command.configureOutput().writeErr ?? write;
        if (!answerFile(file, options.json === true, write, complain)) process.exitCode = 1;
      } else if (file === undefined && at !== undefined && symbol !== undefined) {
        answerOne({ ...options, at, symbol }, env, write);
      } else {
        throw new WorkstealError('invalid', 'clock: give either a file of cases, or --at and --symbol', {
          field: 'clock',
        });
      }
    });
}
