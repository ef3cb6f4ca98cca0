import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { resume } from '../ledger/commands/resume.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

/** `worksteal resume`: ends a halt. */
export function resumeCommand(env: Env = process.env): Command {
  const command = new Command('resume').description('end a halt');
  return withWhere(command)
    .argument('[reason]', 'why, for the record; in quotes if it has blanks', 'by_hand')
    .action(async (reason: string, options: WhereOptions) => {
      const where = readWhere(options, env);
      const outcome = await withLedger(where, (ledger) => resume(ledger, reason));
      if (outcome === 'unknown')
        throw new WorkstealError('unknown', `there is no account ${where.account}`, {
          account: where.account,
        });
      writer(command)(`${where.account}: ${outcome === 'exists' ? 'no change' : outcome}\n`);
    });
}
