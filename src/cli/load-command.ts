/** Loads one command and no other, so that `worksteal` starts quickly. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { type CommandName, SUMMARIES } from './commands.ts';
import { withExamples } from './examples.ts';

/** `.ts` as a source, `.js` as built. */
const EXTENSION = import.meta.url.slice(-3);

/** The command with its examples; null where this build has none. Its modules are loaded only now. */
export async function loadCommand(name: CommandName): Promise<Command | null> {
  const file = new URL(`./${name}${EXTENSION}`, import.meta.url);
  if (!existsSync(file)) return null;
  const module = (await import(file.href)) as Record<string, () => Command>;
  const factory = module[`${name}Command`];
  if (factory === undefined)
    throw new WorkstealError('bug', `src/cli/${name} does not export ${name}Command`, { name });
  return withExamples(factory().summary(SUMMARIES[name]), name);
}
