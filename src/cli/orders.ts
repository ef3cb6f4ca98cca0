/** `worksteal orders`: what counts against the caps, and which rule protects it (lua/inspect/orders.lua). */
import { Command, Option } from 'commander';
import { ORDERS } from '../json/orders.ts';
import type { Env } from '../rules/settings.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

export function ordersCommand(env: Env = process.env): Command {
  const command = new Command('orders').description(
    'show live orders by state, in the order in which steals look at them, and what protects each',
  );
  command
    .argument('[symbol]', 'only orders of this symbol; a state is understood, too')
    .addOption(
      new Option('--state <state>', 'only those in it; ended: the latest ended ones').choices([
        'pending',
        'reserved',
        'working',
        'cancelling',
        'ended',
      ]),
    );
  return inspection(command, 'how many (default: 50)').action(
    async (_symbol: string | undefined, options: InspectOptions & { state?: string }) => {
      const words = wordsOf(command.args, options, [options.state]);
      await inspect({ script: 'orders', words }, options, command, env, { json: ORDERS });
    },
  );
}
