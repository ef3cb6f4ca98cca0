/**
 * `worksteal audit`: recomputes what the ledger derives and reports what does not add up (I2;
 * lua/inspect/audit.lua).
 */
import { Command } from 'commander';
import { AUDIT } from '../json/audit.ts';
import type { Env } from '../rules/settings.ts';
import { EXIT } from './exit-code.ts';
import { type InspectOptions, inspect, inspection, wordsOf } from './inspect/command.ts';

/**
 * The command. The exit code is 1 when there are faults.
 * @throws WorkstealError from its action: `settings`, `unavailable`, `unknown` for an account that the ledger
 *   does not hold
 */
export function auditCommand(env: Env = process.env): Command {
  const command = new Command('audit').description(
    'recompute all sums of the ledger from its orders and positions; fails when one is wrong',
  );
  return inspection(command, 'refuse when more orders than this are live (default: 20000)').action(
    async (options: InspectOptions) => {
      await inspect({ script: 'audit', words: wordsOf(command.args, options) }, options, command, env, {
        json: AUDIT,
        onValues: (values) => {
          if (values['faultCount'] !== 0) process.exitCode = EXIT.notWell;
        },
      });
    },
  );
}
