#!/usr/bin/env node
/**
 * `worksteal`: the one program. Only the command that was asked for is loaded (load-command.ts); `--help`
 * loads them all.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import colors from 'picocolors';
import { WorkstealError } from '../domain/errors.ts';
import { secretHider } from '../domain/secrets.ts';
import { secretsOf, secretsOfArguments } from '../ops/secrets.ts';
import { packageRoot } from '../package-root.ts';
import { COMMANDS } from './commands.ts';
import { loadCommand } from './load-command.ts';
import { requireNode } from './node-version.ts';

const MAX_CAUSES = 5;

function version(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

const ARGUMENTS = process.argv.slice(2);
const hide = secretHider([...secretsOf(process.env), ...secretsOfArguments(ARGUMENTS)]);

async function main(args: readonly string[]): Promise<void> {
  const asked = COMMANDS.find((name) => name === args[0]);
  // Without the arguments: every user can list processes, and an address may hold a password.
  process.title = asked === undefined ? 'worksteal' : `worksteal ${asked}`;
  // A usage error shows the argument that it is about.
  const output = { outputError: (text: string, write: (text: string) => void) => write(hide(text)) };
  const program = new Command('worksteal')
    .configureOutput(output)
    .description(
      "Shares one brokerage account's buying power among a fleet of order watchers, and never exceeds " +
        'its cap.',
    )
    .version(version())
    .showHelpAfterError('(worksteal --help lists the commands)');
  for (const name of asked === undefined ? COMMANDS : [asked]) {
    const command = await loadCommand(name);
    if (command !== null) program.addCommand(command.configureOutput(output));
    else if (asked !== undefined)
      throw new WorkstealError('missing', `${name}: this build has no such command`, { name });
  }
  await program.parseAsync([...args], { from: 'user' });
}

/**
 * Prints an error: ours as a sentence with what to do next; any other is a bug and keeps its stack.
 */
function tell(error: unknown): void {
  const text =
    error instanceof WorkstealError && error.code !== 'bug'
      ? `${error.message}\n  ${error.next}`
      : stacksOf(error);
  // A file name or a system message may hold control characters.
  const printable = text.replaceAll(/[^\P{Cc}\n]/gu, '?');
  process.stderr.write(`${colors.red('worksteal:')} ${hide(printable)}\n`);
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

// An unhandled error ends the program as usual, but is printed without secrets.
process.on('uncaughtException', (error) => {
  tell(error);
  process.exit(1);
});

try {
  requireNode(process.versions.node);
  await main(ARGUMENTS);
} catch (error) {
  tell(error);
  process.exitCode = 1;
}
