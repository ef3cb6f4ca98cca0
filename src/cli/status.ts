/** `worksteal status`: the state of an account (lua/inspect/status.lua). */
import { Command } from 'commander';
import { STATUS } from '../json/status.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function statusCommand(env: Env = process.env): Command {
  const command = new Command('status').description(
    "show an account's room, orders, plans, next victims, protected symbols and refusals",
  );
  return inspection(command, 'live orders and plans to read (default: 600)').action(
    async (options: InspectOptions) => {
      await inspect({ script: 'status', words: wordsOf(command.args, options) }, options, command, env, {
        json: STATUS,
      });
    },
  );
}
