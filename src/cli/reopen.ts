import { Argument, Command } from 'commander';
import { CLOSURE_CAUSES, type ClosureCause } from '../domain/closure.ts';
import { WorkstealError } from '../domain/errors.ts';
import { Claims } from '../ledger/claims.ts';
import { vouch } from '../ledger/commands/bind.ts';
import { reopen } from '../ledger/commands/closures.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type Where, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/**
 * `worksteal reopen CAUSE`: a person confirms that one reason for closing the account is over. For `account`
 * that means more: the ledger lets go of the broker's account that it was kept for, and the next
 * reconciliation binds it to that of the keeper's keys.
 */
export function reopenCommand(env: Env = process.env): Command {
  const command = new Command('reopen').description(
    'end one cause for which an account was closed for entries; `account` also lets the ledger go of ' +
      'the account that it was kept for',
  );
  return withWhere(command)
    .addArgument(new Argument('<cause>', 'as status shows it').choices(CLOSURE_CAUSES))
    .action(async (cause: ClosureCause, options: WhereOptions) => {
      const where = readWhere(options, env);
      const said = await withLedger(where, (ledger) =>
        cause === 'account' ? letGo(ledger, where) : reopened(ledger, cause),
      );
      writer(command)(`${where.account}: ${said}\n`);
    });
}

async function reopened(ledger: Ledger, cause: ClosureCause): Promise<string> {
  const outcome = await reopen(ledger, cause);
  if (outcome === 'unknown') throw noAccount(ledger);
  return outcome === 'exists' ? `it was not closed for ${cause}` : outcome;
}

async function letGo(ledger: Ledger, { url }: Where): Promise<string> {
  const was = await vouch(ledger, 'operator');
  if (was === undefined) throw noAccount(ledger);
  if (was !== '') {
    const claims = new Claims(ledger, url);
    await claims.release(was).finally(() => claims.close());
  }
  const before =
    was === ''
      ? 'it was not bound to an account of the broker yet'
      : `it is not kept for account ${was} any more`;
  return (
    `${before}; its keeper's next reconciliation binds it to the account of the keys, and orders that ` +
    'are not known there have ended'
  );
}

function noAccount({ account }: Ledger): WorkstealError {
  return new WorkstealError('unknown', `there is no account ${account}`, { account });
}
