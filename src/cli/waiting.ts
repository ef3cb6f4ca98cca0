/** `worksteal waiting`: the plans that wait for room, and whose turn it is (lua/inspect/waiting.lua). */
import { Command } from 'commander';
import { WAITING } from '../json/waiting.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function waitingCommand(env: Env = process.env): Command {
  const command = new Command('waiting').description(
    'show the plans that wait for room, best first: what each needs, its place, whose turn it is',
  );
  command.argument('[symbol]', 'only plans of this symbol');
  return inspection(command, 'plans shown (default: 50)').action(
    async (_symbol: string | undefined, options: InspectOptions) => {
      const words = wordsOf(command.args, options);
      await inspect({ script: 'waiting', words }, options, command, env, { json: WAITING });
    },
  );
}
