/**
 * What may be sent to a script: text and numbers. The Redis client would spread a list over the places that
 * follow, send nothing for what is missing, and print an object; so a fault of a caller would be another
 * command, and not a refusal.
 */
import { WorkstealError } from '../domain/errors.ts';

export type Argument = string | number;

/**
 * @throws WorkstealError `invalid` for what is neither a number nor text of whole characters; `field` is its
 *   place in ARGV
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

/** A switch as 1 or 0; what is none stays what it is, to be refused. */
export function switchArgument(on: boolean): number {
  return on === true ? 1 : on === false ? 0 : on;
}

/** The parts of one argument with blanks between. @throws WorkstealError as `checkArguments` */
export function phrase(script: string, ...parts: readonly Argument[]): string {
  checkArguments(script, parts);
  return parts.join(' ');
}
