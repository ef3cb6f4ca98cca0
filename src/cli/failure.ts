/** How a failed command says so: a sentence on standard error; with --json an object on standard output. */
import { CommanderError } from 'commander';
import colors from 'picocolors';
import { WorkstealError } from '../domain/errors.ts';
import { errorFields, errorSchema } from '../json/error.ts';
import { jsonLine } from '../json/print.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';

const MAX_CAUSES = 5;

export type Output = {
  json: boolean;
  /** Takes secrets out of a text. */
  hide: (text: string) => string;
  out: (text: string) => void;
  err: (text: string) => void;
};

/**
 * Prints an error: ours as a sentence with what to do next; any other is a bug and keeps its stack.
 * @param command whose options a usage error is about; '' if it was none
 * @returns the exit code
 */
export function reportFailure(error: unknown, command: string, { json, hide, out, err }: Output): number {
  const own = error instanceof CommanderError ? usageError(error, command) : error;
  if (own === undefined) return EXIT.well;
  const isBug = !(own instanceof WorkstealError) || own.code === 'bug';
  if (json) out(hide(printable(jsonLine(errorSchema(), errorFields(own)))));
  if (isBug) err(`${colors.red('worksteal:')} ${hide(printable(stacksOf(own)))}\n`);
  // Commander has written its own message already.
  else if (!json && !(error instanceof CommanderError))
    err(`${colors.red('worksteal:')} ${hide(printable(`${own.message}\n  ${own.next}`))}\n`);
  return exitCodeOf(own);
}

/** Undefined where commander ended a command that succeeded: --help, --version. */
function usageError(
  { exitCode, code, message }: CommanderError,
  command: string,
): WorkstealError | undefined {
  if (exitCode === EXIT.well) return undefined;
  const said = code === 'commander.help' ? 'no command was given' : message.replace(/^error: /, '');
  const next = command === '' ? '--help lists the commands' : `${command} --help lists its options`;
  return new WorkstealError('invalid', said, {}, undefined, `worksteal ${next}`);
}

/** A file name or a system message may hold control characters. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

/**
 * Its stack and those of its causes; no other fields, which may hold the arguments of a command that failed.
 */
function stacksOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined || depth === MAX_CAUSES
    ? own
    : `${own}\n  caused by ${stacksOf(error.cause, depth + 1)}`;
}
