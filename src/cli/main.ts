#!/usr/bin/env node
/**
 * `worksteal`: the one program; each command is a file of its own beside this one, `<name>.ts`, which exports
 * `<name>Command(): Command`. Only the command that was asked for is loaded; `--help` loads them all.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import colors from 'picocolors';
import { WorkstealError } from '../domain/errors.ts';
import { secretHider } from '../domain/secrets.ts';
import { secretsOf, secretsOfArguments } from '../ops/secrets.ts';
import { packageRoot } from '../package-root.ts';
import { requireNode } from './node-version.ts';

const COMMANDS = [
  'up',
  'exchange',
  'watch',
  'work',
  'keep',
  'plan',
  'status',
  'steals',
  'plans',
  'orders',
  'fights',
  'why',
  'tail',
  'audit',
  'check',
  'halt',
  'resume',
  'reopen',
  'accept',
  'decide',
  'clock',
  'config',
] as const;

const MAX_CAUSES = 5;

/** `.ts` as a source, `.js` as built. */
const EXTENSION = import.meta.url.slice(-3);

async function load(name: string): Promise<Command | null> {
  const file = new URL(`./${name}${EXTENSION}`, import.meta.url);
  if (!existsSync(file)) return null;
  const module = (await import(file.href)) as Record<string, () => Command>;
  const factory = module[`${name}Command`];
  if (factory === undefined)
    throw new WorkstealError('bug', `src/cli/${name} does not export ${name}Command`, { name });
  return factory();
}

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
    const command = await load(name);
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
