import { Argument, Command } from 'commander';
import { CLOSURE_CAUSES, type ClosureCause } from '../domain/closure.ts';
import { WorkstealError } from '../domain/errors.ts';
import { reopen } from '../ledger/commands/closures.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/** `worksteal reopen CAUSE`: a person says that a cause for which the account was closed is over. */
export function reopenCommand(env: Env = process.env): Command {
  const command = new Command('reopen').description('end one cause for which an account was closed for entries');
  return withWhere(command)
    .addArgument(new Argument('<cause>', 'as status shows it').choices(CLOSURE_CAUSES))
    .action(async (cause: ClosureCause, options: WhereOptions) => {
      const where = readWhere(options, env);
      const outcome = await withLedger(where, (ledger) => reopen(ledger, cause));
      if (outcome === 'unknown') throw new WorkstealError('unknown', `there is no account ${where.account}`, { account: where.account });
      writer(command)(`${where.account}: ${outcome === 'exists' ? `it was not closed for ${cause}` : outcome}\n`);
    });
}
