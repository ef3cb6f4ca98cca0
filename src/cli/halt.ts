/** `worksteal halt`: nothing is admitted on the account any more; it says what goes on. */
import { Command } from 'commander';
import { counted, usd } from '../domain/amounts.ts';
import { WorkstealError } from '../domain/errors.ts';
import { HALT } from '../json/halt.ts';
import { jsonLine } from '../json/print.ts';
import { halt } from '../ledger/commands/halt.ts';
import type { LedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Env } from '../rules/settings.ts';
import { readLiveOrders, readOpenPlans } from './act/book.ts';
import { cancelOrders, entriesOf, isAtBroker, isExit } from './act/cancel-orders.ts';
import { personOf, withPerson } from './act/person.ts';
import { runStop, type StopOptions, timeoutOf, withStop } from './act/run.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { writer } from './table.ts';

type HaltOptions = WhereOptions & StopOptions & { cancelEntries?: true };
type GoesOn = {
  entries: number;
  entriesAtBroker: number;
  entriesMicros: number;
  exits: number;
  holding: number;
};

export function haltCommand(env: Env = process.env): Command {
  const command = new Command('halt').description(
    'admit no entries on an account any more; exits, cancels, fills and settlements go on',
  );
  withWhere(command)
    .argument('[reason]', 'why, for the record; in quotes if it has blanks', 'by_hand')
    .option('--cancel-entries', 'also cancel all entries, as `cancel --all-entries` does');
  return withPerson(withStop(command)).action(async (reason: string, options: HaltOptions) => {
    const where = readWhere(options, env);
    const by = personOf(options.by);
    timeoutOf(options.timeout); // a wrong one is refused before anything is done
    await withLedger(where, async (ledger) => {
      const outcome = await halt(ledger, reason, by);
      if (outcome === 'unknown') throw noAccount(where.account);
      const live = await readLiveOrders(ledger);
      const goesOn = await readGoesOn(ledger, live);
      const write = writer(command);
      const said = words(where.account, outcome, by, goesOn, options.cancelEntries === true);
      if (!options.json) write(said);
      const cancelled = options.cancelEntries
        ? await cancelEntries(command, ledger, { account: where.account, by }, live, options)
        : null;
      if (options.json)
        write(jsonLine(HALT, { account: where.account, outcome, by, reason, goesOn, cancelled }));
    });
  });
}

/** The account is halted already, so nothing new can be admitted. */
async function cancelEntries(
  command: Command,
  ledger: Ledger,
  who: { account: string; by: string },
  live: readonly LedgerOrder[],
  options: HaltOptions,
) {
  const { orders, notes } = entriesOf(live, false);
  const { confirmed, items } = await runStop(
    command,
    who,
    cancelOrders(ledger, who.by, orders, notes),
    options,
  );
  return { confirmed, items };
}

async function readGoesOn(ledger: Ledger, live: readonly LedgerOrder[]): Promise<GoesOn> {
  const entries = live.filter((order) => !isExit(order));
  const atBroker = entries.filter(isAtBroker);
  const plans = await readOpenPlans(ledger);
  return {
    entries: entries.length,
    entriesAtBroker: atBroker.length,
    entriesMicros: atBroker.reduce((sum, { heldMicros }) => sum + heldMicros, 0),
    exits: live.length - entries.length,
    holding: plans.filter(({ stage }) => stage === 'holding' || stage === 'exiting').length,
  };
}

function words(
  account: string,
  outcome: 'halted' | 'noted' | 'exists',
  by: string,
  { entriesAtBroker: orders, entriesMicros, holding }: GoesOn,
  cancels: boolean,
): string {
  const first = {
    halted: `halted by ${by}: no entry is admitted`,
    noted: `was halted before; the reason of ${by} is recorded, too`,
    exists: 'no change: it is halted, and this reason is on record',
  };
  const lines = [`${account}: ${first[outcome]}`];
  if (orders > 0) {
    const verb = orders === 1 ? 'works' : 'work';
    const hint = cancels ? '' : '; `worksteal cancel --all-entries` cancels them';
    lines.push(`${counted(orders, 'entry')} (${usd(entriesMicros)}) still ${verb} at the broker${hint}`);
  }
  if (holding > 0)
    lines.push(
      `exits of ${counted(holding, 'position')} go on; \`worksteal close --all\` closes what is held`,
    );
  return `${lines.join('\n')}\n`;
}

function noAccount(account: string): WorkstealError {
  return new WorkstealError('unknown', `there is no account ${account}`, { account });
}
