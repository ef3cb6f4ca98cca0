/**
 * `worksteal steals`: who took whose room, newest first (lua/inspect/steals.lua); with --regret what it came
 * to (lua/inspect/regret.lua).
 */
import { Command, Option } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { REGRET } from '../json/regret.ts';
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
    )
    .option('--regret', 'what they came to: what their victims missed, what their thieves gained');
  return inspection(command, 'how many (default: 20)').action(
    async (
      _symbol: string | undefined,
      options: InspectOptions & { state?: string; regret?: true },
    ): Promise<void> => {
      if (!options.regret) {
        const words = wordsOf(command.args, options, [options.state]);
        return await inspect({ script: 'steals', words }, options, command, env, { json: STEALS });
      }
      if (options.state !== undefined)
        throw new WorkstealError('invalid', '--regret shows steals of every state: leave out --state', {
          field: 'state',
          value: options.state,
        });
      const words = wordsOf(command.args, options);
      await inspect({ script: 'regret', words }, options, command, env, { json: REGRET });
    },
  );
}
