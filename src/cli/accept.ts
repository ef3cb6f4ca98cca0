import { Argument, Command } from 'commander';
import { microsToDollars } from '../domain/money.ts';
import { ACCEPT } from '../json/accept.ts';
import { jsonLine } from '../json/print.ts';
import { acceptEquity } from '../ledger/commands/accept.ts';
import type { Env } from '../rules/settings.ts';
import { requireAccount } from './act/book.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/** `worksteal accept equity`: a person says that an equity which was held back, since it jumped, is right. */
export function acceptCommand(env: Env = process.env): Command {
  const command = new Command('accept').description('accept an equity that was held back because it jumped');
  return withWhere(command)
    .addArgument(new Argument('<what>', 'what is accepted').choices(['equity']))
    .option('--json', 'one JSON object')
    .action(async (_what: string, options: WhereOptions & { json?: true }) => {
      const where = readWhere(options, env);
      const accepted = await withLedger(where, async (ledger) => {
        await requireAccount(ledger);
        return await acceptEquity(ledger);
      });
      const write = writer(command);
      if (options.json)
        return write(
          jsonLine(ACCEPT, {
            account: where.account,
            accepted: accepted !== undefined,
            equityMicros: accepted ?? null,
          }),
        );
      const said =
        accepted === undefined
          ? 'no equity is held back'
          : `accepted: an equity of $${microsToDollars(accepted)}`;
      write(`${where.account}: ${said}\n`);
    });
}
