/** Runs one of the commands that stop something: preview, question, progress, result, exit code. */
import type { Command } from 'commander';
import { counted, usd } from '../../domain/amounts.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { jsonLine } from '../../json/print.ts';
import { STOPPED } from '../../json/stopped.ts';
import { EXIT } from '../exit-code.ts';
import { columns, tableText, terminalWidth, writer } from '../table.ts';
import { wrapped } from '../terminal/width.ts';
import { type Act, carryOut, type Stopped, type Target } from './act.ts';
import { isConfirmed } from './confirm.ts';

export type StopOptions = { yes?: true; json?: true; timeout: string; by?: string };

const DONE = { cancel: 'cancelled', withdraw: 'withdrawn', close: 'closed' } as const;

/** Adds `--yes`, `--timeout` and `--json`. */
export function withStop(command: Command): Command {
  return command
    .option('--yes', 'do it without a question')
    .option('--timeout <seconds>', 'wait this long for the broker to confirm it', '30')
    .option('--json', 'the result as one JSON object');
}

const MAX_TIMEOUT_SECONDS = 3_600;

/** @throws WorkstealError `invalid` */
export function timeoutOf(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= MAX_TIMEOUT_SECONDS) return Number(text) * 1_000;
  throw new WorkstealError(
    'invalid',
    `--timeout: "${shown(text)}" is not a whole number of seconds, at most ${MAX_TIMEOUT_SECONDS}`,
    { field: 'timeout', value: text.slice(0, 64) },
  );
}

export type Result = { account: string; by: string; confirmed: boolean; items: Item[] };
type Item = Target & { state: 'done' | 'open' | 'left' | 'untouched'; words: string };

/**
 * Shows what would be stopped, asks, stops it, and says what became of it. Sets the exit code: 1 if it was
 * declined, or something is still open.
 * @param ready called before the question; throws if the act could not be carried out
 * @throws WorkstealError `invalid` for a bad --timeout, or where nobody can be asked; what the act throws
 */
export async function runStop(
  command: Command,
  { account, by }: { account: string; by: string },
  act: Act,
  options: StopOptions,
  ready: () => Promise<void> = async () => {},
): Promise<Result> {
  const timeoutMs = timeoutOf(options.timeout);
  const write = writer(command);
  const say = options.json ? (text: string) => void process.stderr.write(text) : write;
  const width = options.json ? undefined : terminalWidth();
  if (act.targets.length > 0) say(preview(account, act, width));
  const result = await decide();
  if (!result.confirmed) process.exitCode = EXIT.notWell;
  return result;

  async function decide(): Promise<Result> {
    if (act.targets.length === 0) {
      say(`${account}: nothing to ${act.verb}\n`);
      return { account, by, confirmed: true, items: [] };
    }
    await ready();
    const question = `${act.verb} ${act.targets.length === 1 ? 'it' : `these ${act.targets.length}`}?`;
    if (!(await isConfirmed(question, DONE[act.verb], options.yes === true))) {
      say(`nothing was ${DONE[act.verb]}\n`);
      const items = act.targets.map((target) => ({ ...target, state: 'untouched' as const, words: '' }));
      return { account, by, confirmed: false, items };
    }
    const stopped = await carryOut(act, timeoutMs, (text) => void process.stderr.write(`${text}\n`));
    const isWell = stopped.every(({ standing }) => standing.state === 'done');
    say(report(act, stopped, timeoutMs, width));
    const items = stopped.map(({ target, standing }) => ({ ...target, ...standing }));
    return { account, by, confirmed: isWell, items };
  }
}

/** Prints the result as JSON, if asked for. */
export function printResult(command: Command, result: Result, options: Pick<StopOptions, 'json'>): void {
  if (options.json) writer(command)(jsonLine(STOPPED, result));
}

const HEAD = ['ID', 'SYMBOL', 'WHAT', 'SIZE', 'AT THE BROKER'];

/** What is at the broker comes first, the largest first. */
function preview(account: string, { verb, targets, notes }: Act, width: number | undefined): string {
  const sum = (some: readonly Target[]): string =>
    usd(some.reduce((total, { sizeMicros }) => total + sizeMicros, 0));
  const atBroker = targets.filter((target) => target.atBroker);
  const shown = [...targets].sort(
    (a, b) => Number(b.atBroker) - Number(a.atBroker) || b.sizeMicros - a.sizeMicros,
  );
  const rows = shown.map((target) => [
    target.id,
    target.symbol,
    target.what,
    usd(target.sizeMicros),
    target.atBroker ? 'yes' : 'no',
  ]);
  const money = atBroker.length === targets.length || atBroker.length === 0 ? '' : ` (${sum(atBroker)})`;
  const title =
    `${verb} on ${account}: ${counted(targets.length, targets[0]?.kind ?? 'order')}, ${sum(targets)}, ` +
    `${atBroker.length} at the broker${money}`;
  const table = { head: HEAD, rows, align: 'lllrl', importance: [1, 4, 3, 2, 5] };
  return sentences([title], width) + tableText(table, width) + sentences(notes, width);
}

/** Lines that a narrow terminal shows wrapped. */
function sentences(lines: readonly string[], width = Number.MAX_SAFE_INTEGER): string {
  return lines.flatMap((line) => wrapped(line, width, 2).map((part) => `${part}\n`)).join('');
}

function report(
  { verb }: Act,
  stopped: readonly Stopped[],
  timeoutMs: number,
  width: number | undefined,
): string {
  const rows = stopped.map(({ target, standing }) => [target.id, target.symbol, standing.words]);
  const count = (state: string) => stopped.filter(({ standing }) => standing.state === state).length;
  const [open, left] = [count('open'), count('left')];
  // Of a plan that waits the broker knows nothing.
  const isConfirmed = stopped.some(({ target, standing }) => standing.state === 'done' && target.atBroker);
  const verdict = [
    `${verb}: ${count('done')} of ${stopped.length} done${isConfirmed ? ', as the broker confirmed' : ''}`,
    ...(open > 0 ? [`${open} still open after ${timeoutMs / 1_000} s; what was asked for stays asked`] : []),
    ...(left > 0 ? [`${left} not done`] : []),
  ];
  return sentences([...columns(rows).trimEnd().split('\n'), verdict.join('; ')], width);
}
