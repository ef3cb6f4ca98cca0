/**
 * Only text and numbers may be sent to a script. The Redis client would flatten a list, skip an undefined and
 * print an object, so a caller's mistake would shift the arguments instead of being refused.
 */
import { WorkstealError } from '../domain/errors.ts';

export type Argument = string | number;

/**
 * @throws WorkstealError `invalid` for what is neither a number nor well-formed text; `field` is its position
 *   in ARGV
 */
export function checkArguments(script: string, args: readonly unknown[]): void {
  for (const [at, argument] of args.entries()) {
    if (typeof argument === 'number' || (typeof argument === 'string' && argument.isWellFormed())) continue;
    const value =
      typeof argument === 'string' ? 'half a character' : argument === null ? 'null' : typeof argument;
    const field = `ARGV[${at + 1}]`;
    throw new WorkstealError('invalid', `${script}: ${field} is ${value} and should be text or a number`, {
      command: script,
      field,
      value,
    });
  }
}

/** true -> 1, false -> 0. Any other value passes unchanged, and `checkArguments` or the script refuses it. */
export function switchArgument(on: boolean): number {
  return on === true ? 1 : on === false ? 0 : on;
}

/** Joins the parts of one argument with spaces. @throws WorkstealError as `checkArguments` */
export function phrase(script: string, ...parts: readonly Argument[]): string {
  checkArguments(script, parts);
  return parts.join(' ');
}
