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
import { secretHider, secretsOf } from '../ops/secrets.ts';
import { packageRoot } from '../package-root.ts';

const COMMANDS = [
  'up',
  'exchange',
  'watch',
  'work',
  'keep',
  'plan',
  'status',
  'steals',
  'orders',
  'fights',
  'why',
  'tail',
  'audit',
  'halt',
  'resume',
  'decide',
  'clock',
  'config',
] as const;

/** `.ts` as a source, `.js` as built. */
const EXTENSION = import.meta.url.slice(-3);

async function load(name: string): Promise<Command | null> {
  const file = new URL(`./${name}${EXTENSION}`, import.meta.url);
  if (!existsSync(file)) return null;
  const module = (await import(file.href)) as Record<string, () => Command>;
  const factory = module[`${name}Command`];
  if (factory === undefined) throw new WorkstealError('bug', `src/cli/${name} does not export ${name}Command`, { name });
  return factory();
}

function version(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('worksteal')
    .description("Shares one brokerage account's buying power among a fleet of order watchers, and never exceeds its cap.")
    .version(version())
    .showHelpAfterError('(worksteal --help lists the commands)');
  const asked = COMMANDS.find((name) => name === args[0]);
  for (const name of asked === undefined ? COMMANDS : [asked]) {
    const command = await load(name);
    if (command !== null) program.addCommand(command);
    else if (asked !== undefined) throw new WorkstealError('missing', `${name}: this build has no such command`, { name });
  }
  await program.parseAsync([...args], { from: 'user' });
}

/** What a person reads of an error: ours in words, with what to do next; anything else is a fault and keeps its stack. */
function tell(error: unknown): void {
  const text =
    error instanceof WorkstealError && error.code !== 'bug' ? `${error.message}\n  ${error.next}` : String((error as Error)?.stack);
  process.stderr.write(`${colors.red('worksteal:')} ${secretHider(secretsOf(process.env))(text)}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  tell(error);
  process.exitCode = 1;
}
