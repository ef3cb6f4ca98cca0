/** `worksteal COMMAND --help` shows examples, and the command itself understands each of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMMANDS, SUMMARIES } from '../../src/cli/commands.ts';
import { EXAMPLES } from '../../src/cli/examples.ts';
import { loadCommand } from '../../src/cli/load-command.ts';
import { packageRoot } from '../../src/package-root.ts';
import { faultsOf } from '../support/printed-commands.ts';

it.each(COMMANDS)('%s: its help ends with its examples', async (name) => {
  const command = await loadCommand(name);
  let help = '';
  command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const [, examples = ''] = help.split('\nExamples:\n');
  expect(examples.trimEnd().split('\n')).toHaveLength(EXAMPLES[name].length);
  expect(command?.summary()).toBe(SUMMARIES[name]);
});

it.each(COMMANDS)('README names %s', (name) => {
  const page = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  expect(page).toMatch(new RegExp(`\\bworksteal ${name}\\b|\`${name}\\b`));
});

const LINES = COMMANDS.flatMap((name) => EXAMPLES[name].map(([line]) => [line, name] as const));

it.each(LINES)('worksteal %s', async (line, name) => {
  expect(line.split(' ')[0]).toBe(name);
  expect(await faultsOf(`worksteal ${line}`)).toEqual([]);
});
