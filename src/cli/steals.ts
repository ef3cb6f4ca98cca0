/** `worksteal steals`: who took whose room, newest first (lua/inspect/steals.lua). */
import { Command, Option } from 'commander';
import { STEALS } from '../json/steals.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function stealsCommand(env: Env = process.env): Command {
  const command = new Command('steals').description(
    'show the latest steals: thief, victims, and what became of it',
  );
  command
    .argument('[symbol]', 'only steals by this symbol or from it; a state is understood, too')
    .addOption(
      new Option('--state <state>', 'only those in it').choices([
        'pending',
        'granted',
        'failed',
        'unused',
        'refused',
        'remembered',
        'dry_run',
      ]),
    );
  return inspection(command, 'how many (default: 20)').action(
    async (_symbol: string | undefined, options: InspectOptions & { state?: string }) => {
      const words = wordsOf(command.args, options, [options.state]);
      await inspect({ script: 'steals', words }, options, command, env, { json: STEALS });
    },
  );
}
