import { Command } from 'commander';
import { RESUME } from '../json/halt.ts';
import { jsonLine } from '../json/print.ts';
import { resume } from '../ledger/commands/resume.ts';
import type { Env } from '../rules/settings.ts';
import { requireAccount } from './act/book.ts';
import { personOf, withPerson } from './act/person.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

type ResumeOptions = WhereOptions & { json?: true; by?: string };

/** `worksteal resume`: ends a halt. */
export function resumeCommand(env: Env = process.env): Command {
  const command = new Command('resume').description('end a halt');
  withWhere(command)
    .argument('[reason]', 'why, for the record; in quotes if it has blanks', 'by_hand')
    .option('--json', 'the result as one JSON object');
  return withPerson(command).action(async (reason: string, options: ResumeOptions) => {
    const { account, url } = readWhere(options, env);
    const by = personOf(options.by);
    const outcome = await withLedger({ account, url }, async (ledger) => {
      await requireAccount(ledger);
      return await resume(ledger, reason, by);
    });
    const said = outcome === 'exists' ? 'no change: it is not halted' : `resumed by ${by}`;
    writer(command)(
      options.json ? jsonLine(RESUME, { account, outcome, by, reason }) : `${account}: ${said}\n`,
    );
  });
}
