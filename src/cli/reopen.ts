import { Argument, Command } from 'commander';
import { CLOSURE_CAUSES, type ClosureCause } from '../domain/closure.ts';
import { WorkstealError } from '../domain/errors.ts';
import { jsonLine } from '../json/print.ts';
import { REOPEN } from '../json/reopen.ts';
import { Claims } from '../ledger/claims.ts';
import { vouch } from '../ledger/commands/bind.ts';
import { reopen } from '../ledger/commands/closures.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type Where, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/**
 * `worksteal reopen CAUSE`: a person confirms that one reason for closing the account is over. For `account`
 * that means more: the ledger is unbound from the broker's account, and the next
 * reconciliation binds it to that of the keeper's keys.
 */
export function reopenCommand(env: Env = process.env): Command {
  const command = new Command('reopen').description(
    'end one cause for which an account was closed for entries; `account` also unbinds the ledger ' +
      "from the broker's account",
  );
  return withWhere(command)
    .addArgument(new Argument('<cause>', 'as status shows it').choices(CLOSURE_CAUSES))
    .option('--json', 'one JSON object')
    .action(async (cause: ClosureCause, options: WhereOptions & { json?: true }) => {
      const where = readWhere(options, env);
      const done = await withLedger(where, (ledger) =>
        cause === 'account' ? letGo(ledger, where) : reopened(ledger, cause),
      );
      const write = writer(command);
      if (options.json) return write(jsonLine(REOPEN, { account: where.account, cause, ...done }));
      write(`${where.account}: ${sentence(done, cause)}\n`);
    });
}

/** `unbound`: the ledger is no longer bound to the broker's account; null if it was bound to none. */
type Done = { outcome: 'reopened' | 'exists' | 'unbound'; brokerAccount: string | null };

async function reopened(ledger: Ledger, cause: ClosureCause): Promise<Done> {
  const outcome = await reopen(ledger, cause);
  if (outcome === 'unknown') throw noAccount(ledger);
  return { outcome, brokerAccount: null };
}

async function letGo(ledger: Ledger, { url }: Where): Promise<Done> {
  const was = await vouch(ledger, 'operator');
  if (was === undefined) throw noAccount(ledger);
  if (was !== '') {
    const claims = new Claims(ledger, url);
    await claims.release(was).finally(() => claims.close());
  }
  return { outcome: 'unbound', brokerAccount: was === '' ? null : was };
}

function sentence({ outcome, brokerAccount }: Done, cause: ClosureCause): string {
  if (outcome === 'exists') return `it was not closed for ${cause}`;
  if (outcome === 'reopened') return outcome;
  const before =
    brokerAccount === null
      ? 'it was not bound to an account of the broker yet'
      : `it is not kept for account ${brokerAccount} any more`;
  return (
    `${before}; its keeper's next reconciliation binds it to the account of the keys, and orders that ` +
    'are not known there have ended'
  );
}

function noAccount({ account }: Ledger): WorkstealError {
  return new WorkstealError('unknown', `there is no account ${account}`, { account });
}
