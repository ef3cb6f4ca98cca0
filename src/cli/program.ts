/**
 * The program behind main.ts. Only the command that was asked for is loaded (load-command.ts); `--help`
 * loads them all.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import colors from 'picocolors';
import { WorkstealError } from '../domain/errors.ts';
import { unwritable } from '../domain/file-fault.ts';
import { secretHider } from '../domain/secrets.ts';
import { secretsOf, secretsOfArguments } from '../ops/secrets.ts';
import { packageRoot } from '../package-root.ts';
import { COMMANDS } from './commands.ts';
import { type Output, reportFailure } from './failure.ts';
import { loadCommand } from './load-command.ts';
import { requireNode } from './node-version.ts';
import { unknownVariables } from './unknown-variables.ts';

function version(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

const ARGUMENTS = process.argv.slice(2);
const hide = secretHider([...secretsOf(process.env), ...secretsOfArguments(ARGUMENTS)]);
const COMMAND = COMMANDS.find((name) => name === ARGUMENTS[0]);
// What follows `--` is no option.
const OPTIONS = ARGUMENTS.includes('--') ? ARGUMENTS.slice(0, ARGUMENTS.indexOf('--')) : ARGUMENTS;
const OUTPUT: Output = {
  json: OPTIONS.includes('--json'),
  hide,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** They report unknown variables themselves: in their log or their answer. `complete` must not. */
const REPORTING: readonly string[] = ['watch', 'work', 'keep', 'plan', 'config', 'doctor', 'complete'];

async function warnOfVariables(): Promise<void> {
  if (COMMAND === undefined || REPORTING.includes(COMMAND)) return;
  for (const words of await unknownVariables(process.env))
    OUTPUT.err(`${colors.yellow('warning:')} ${words}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  // Without the arguments: every user can list processes, and an address may hold a password.
  process.title = COMMAND === undefined ? 'worksteal' : `worksteal ${COMMAND}`;
  // A usage error shows the argument that it is about. With --json it is printed as any other error.
  const output = {
    outputError: (text: string, write: (text: string) => void) => {
      if (!OUTPUT.json) write(hide(text));
    },
  };
  const program = new Command('worksteal')
    .configureOutput(output)
    .exitOverride()
    .description(
      "Shares one brokerage account's buying power among a fleet of order watchers, and never exceeds " +
        'its cap.',
    )
    .version(version())
    .showHelpAfterError(OUTPUT.json ? false : '(worksteal --help lists the commands)');
  const others = ['--version', '-V'].includes(ARGUMENTS[0] ?? '') ? [] : COMMANDS;
  for (const name of COMMAND === undefined ? others : [COMMAND]) {
    const command = await loadCommand(name);
    const hint = OUTPUT.json ? false : `(worksteal ${name} --help shows what it takes)`;
    if (command !== null)
      program.addCommand(command.configureOutput(output).showHelpAfterError(hint).exitOverride());
    else if (COMMAND !== undefined)
      throw new WorkstealError('missing', `${name}: this build has no such command`, { name });
  }
  program.hook('preAction', warnOfVariables);
  await program.parseAsync([...args], { from: 'user' });
}

// A reader that has read enough (`2>&1 | head`) is no failure. A command that acts finishes what it began;
// what is to end with its reader listens itself (inspect/until-stopped.ts).
for (const [name, stream] of Object.entries({ output: process.stdout, error: process.stderr }))
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw unwritable(`standard ${name}`, error);
  });

// An unhandled error ends the program as usual, but is printed without secrets.
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(error, COMMAND ?? '', OUTPUT));
});

try {
  requireNode(process.versions.node);
  await main(ARGUMENTS);
} catch (error) {
  process.exitCode = reportFailure(error, COMMAND ?? '', OUTPUT);
}

// Nothing is left to do then. At its natural end Node takes its heap apart, which takes longer than to ask
// Redis. A log that still has something to write does that first, and ends as usual.
process.once('beforeExit', () => {
  if (process.listenerCount('beforeExit') === 0) process.exit();
});
