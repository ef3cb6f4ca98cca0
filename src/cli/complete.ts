/**
 * `worksteal complete SHELL`: prints the script that completes commands in a shell. The script runs
 * `worksteal complete -- WORDS…`, which answers with what the last word may become.
 */
import { Argument, Command } from 'commander';
import type { Env } from '../rules/settings.ts';
import { completions } from './complete/completions.ts';
import { SHELLS, type Shell, scriptFor } from './complete/scripts.ts';
import { writer } from './table.ts';

/** The command. Its answer to a shell never fails: what can't be found out is left out. */
export function completeCommand(env: Env = process.env): Command {
  const command = new Command('complete')
    .description(
      'print the script that completes commands, options, their values, and ids and symbols of the ledger',
    )
    .addArgument(new Argument('[shell]', 'the shell that the script is for').choices(SHELLS))
    .allowExcessArguments();
  // The words of a command line follow `--`; they are not options of this command.
  const words = (): string[] | undefined => {
    const { rawArgs } = (command.parent ?? command) as unknown as { rawArgs: readonly string[] };
    const at = rawArgs.indexOf('--');
    return at < 0 ? undefined : rawArgs.slice(at + 1);
  };
  // The choices are for the help: a word that follows `--` is no shell.
  command.registeredArguments[0]?.argParser((text) => text);
  return command.action(async (shell: Shell | undefined) => {
    const write = writer(command);
    const line = words();
    if (line !== undefined) return write(await completions(line, env));
    if (shell === undefined || !SHELLS.includes(shell))
      return command.error(`error: complete takes a shell: ${SHELLS.join(', ')}`);
    write(await scriptFor(shell));
  });
}
