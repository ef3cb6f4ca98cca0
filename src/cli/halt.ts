import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { halt } from '../ledger/commands/halt.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/** `worksteal halt`: nothing is admitted on the account any more; cancels, fills and settlements go on. */
export function haltCommand(env: Env = process.env): Command {
  const command = new Command('halt').description(
    'admit no entries on an account any more; exits, cancels, fills and settlements go on',
  );
  return withWhere(command)
    .argument('[reason]', 'why, for the record; in quotes if it has blanks', 'by_hand')
    .action(async (reason: string, options: WhereOptions) => {
      const where = readWhere(options, env);
      const outcome = await withLedger(where, (ledger) => halt(ledger, reason));
      if (outcome === 'unknown')
        throw new WorkstealError('unknown', `there is no account ${where.account}`, {
          account: where.account,
        });
      writer(command)(`${where.account}: ${outcome === 'exists' ? 'no change' : outcome}\n`);
    });
}
