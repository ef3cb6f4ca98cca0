/**
 * `worksteal why ID`: why an order or a plan is where it is, and what would have to change
 * (lua/inspect/why.lua).
 */
import { Command } from 'commander';
import { WHY } from '../json/why.ts';
import { ledgerIdNamed } from '../ledger/bot-ids.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection } from './inspect/command.ts';

export function whyCommand(env: Env = process.env): Command {
  const command = new Command('why').description(
    'explain an order or a plan: what it needed, what was passed over, what would have to change',
  );
  command.argument('<id>', "of an order or of a plan; of a bot's order BOT--ID with the bot's own id");
  return inspection(command).action(async (_id: string, options: InspectOptions) => {
    await inspect({ script: 'why', words: command.args.map(ledgerIdNamed) }, options, command, env, {
      json: WHY,
    });
  });
}
