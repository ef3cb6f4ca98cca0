/** `worksteal fights`: which symbols may not steal from each other, until when (lua/inspect/fights.lua). */
import { Command } from 'commander';
import { FIGHTS } from '../json/fights.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function fightsCommand(env: Env = process.env): Command {
  const command = new Command('fights').description(
    'show fights, pairs of symbols on their way into one, and symbols in their cooldown',
  );
  command.argument('[symbol]', 'only fights, pairs and cooldowns of this symbol');
  return inspection(command, 'rows of each table (default: 20)').action(
    async (_symbol: string | undefined, options: InspectOptions) => {
      const words = wordsOf(command.args, options);
      await inspect({ script: 'fights', words }, options, command, env, { json: FIGHTS });
    },
  );
}
