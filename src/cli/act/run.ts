/** Runs one of the commands that stop something: preview, question, progress, result, exit code. */
import type { Command } from 'commander';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';
import { EXIT } from '../exit-code.ts';
import { jsonLine } from '../json/print.ts';
import { STOPPED } from '../json/stopped.ts';
import { columns, writer } from '../table.ts';
import { type Act, carryOut, type Stopped, type Target } from './act.ts';
import { counted, usd } from './amounts.ts';
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

/** @throws WorkstealError `invalid` */
export function timeoutOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text) * 1_000;
  throw new WorkstealError('invalid', `--timeout: "${shown(text)}" is not a whole number of seconds`, {
    field: 'timeout',
    value: text.slice(0, 64),
  });
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
  if (act.targets.length > 0) say(preview(account, act));
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
    say(report(act, stopped, timeoutMs));
    const items = stopped.map(({ target, standing }) => ({ ...target, ...standing }));
    return { account, by, confirmed: isWell, items };
  }
}

/** Prints the result as JSON, if asked for. */
export function printResult(command: Command, result: Result, options: Pick<StopOptions, 'json'>): void {
  if (options.json) writer(command)(jsonLine(STOPPED, result));
}

function preview(account: string, { verb, targets, notes }: Act): string {
  const atBroker = targets.filter((target) => target.atBroker).length;
  const size = usd(targets.reduce((sum, { sizeMicros }) => sum + sizeMicros, 0));
  const head = ['ID', 'SYMBOL', 'WHAT', 'SIZE', 'AT THE BROKER'];
  const rows = targets.map((target) => [
    target.id,
    target.symbol,
    target.what,
    usd(target.sizeMicros),
    target.atBroker ? 'yes' : 'no',
  ]);
  return (
    `${verb} on ${account}: ${counted(targets.length, targets[0]?.kind ?? 'order')}, ${size}, ` +
    `${atBroker} at the broker\n` +
    columns([head, ...rows], 'lllrl') +
    notes.map((note) => `${note}\n`).join('')
  );
}

function report({ verb }: Act, stopped: readonly Stopped[], timeoutMs: number): string {
  const rows = stopped.map(({ target, standing }) => [target.id, target.symbol, standing.words]);
  const count = (state: string) => stopped.filter(({ standing }) => standing.state === state).length;
  const [open, left] = [count('open'), count('left')];
  const verdict = [
    `${verb}: ${count('done')} of ${stopped.length} done, as the broker confirmed`,
    ...(open > 0 ? [`${open} still open after ${timeoutMs / 1_000} s; what was asked for stays asked`] : []),
    ...(left > 0 ? [`${left} not done`] : []),
  ];
  return `${columns(rows)}${verdict.join('; ')}\n`;
}
