/** `worksteal plans`: unfinished plans, each with its last refusal (lua/inspect/plans.lua). */
import { Command, Option } from 'commander';
import { PLANS } from '../json/plans.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

const STAGES = ['waiting', 'entering', 'holding', 'exiting', 'done', 'withdrawn', 'expired', 'ended'];

type PlansOptions = InspectOptions & { stage?: string; strategy?: string; refused?: true };

export function plansCommand(env: Env = process.env): Command {
  const command = new Command('plans').description(
    'show plans: how near each is, its stage, its host, its order, and why it was refused last',
  );
  command
    .argument('[symbol]', 'only plans of this symbol; a stage is understood, too')
    .addOption(
      new Option('--stage <stage>', 'only those in it; ended: the latest that ended').choices(STAGES),
    )
    .option('--strategy <name>', 'only those of this strategy')
    .option('--refused', 'only those with a refusal on record');
  return inspection(command, 'how many (default: 50)').action(
    async (_symbol: string | undefined, options: PlansOptions) => {
      const strategy = options.strategy === undefined ? undefined : `strategy:${options.strategy}`;
      const chosen = [options.stage, strategy, options.refused ? 'refused' : undefined];
      const words = wordsOf(command.args, options, chosen);
      await inspect({ script: 'plans', words }, options, command, env, { json: PLANS });
    },
  );
}
