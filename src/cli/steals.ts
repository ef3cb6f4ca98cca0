/** `worksteal steals`: who took whose room, newest first (lua/inspect/steals.lua). */
import { Command } from 'commander';
import { toSymbol } from '../domain/symbol.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function stealsCommand(env: Env = process.env): Command {
  const command = new Command('steals').description(
    'show the latest steals: thief, victims, and what became of it',
  );
  command.argument('[symbol]', 'only steals by this symbol or from it');
  return inspection(command, 'how many (default: 20)').action(
    async (symbol: string | undefined, options: InspectOptions) => {
      const words = symbol === undefined ? [] : [toSymbol(symbol)];
      await inspect({ script: 'steals', words: wordsOf(words, options) }, options, command, env);
    },
  );
}
