/** `worksteal cancel`: a person takes orders off the broker. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { isFinal } from '../domain/order.ts';
import { toSymbol } from '../domain/symbol.ts';
import { ledgerIdNamed } from '../ledger/bot-ids.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Env } from '../rules/settings.ts';
import { readLiveOrders, requireAccount } from './act/book.ts';
import { type Chosen, cancelOrders, entriesOf, isExit } from './act/cancel-orders.ts';
import { personOf, withPerson } from './act/person.ts';
import { printResult, runStop, type StopOptions, withStop } from './act/run.ts';
import { requireOne } from './act/selection.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';

type CancelOptions = WhereOptions & StopOptions & { symbol?: string; allEntries?: true; exits?: true };

export function cancelCommand(env: Env = process.env): Command {
  const command = new Command('cancel').description(
    'cancel orders at the broker, and wait until the broker has confirmed it',
  );
  withWhere(command)
    .argument('[order]', "its id; of a bot's order BOT--ID with the bot's own id")
    .option('--symbol <symbol>', 'all entries of it')
    .option('--all-entries', 'all entries')
    .option('--exits', 'exits, too: the positions stay open without them');
  return withPerson(withStop(command)).action(async (id: string | undefined, options: CancelOptions) => {
    const where = readWhere(options, env);
    const by = personOf(options.by);
    requireOne('cancel', { ORDER: id, '--symbol': options.symbol, '--all-entries': options.allEntries });
    await withLedger(where, async (ledger) => {
      await requireAccount(ledger);
      const { orders, notes } = await chosen(ledger, id, options);
      const act = cancelOrders(ledger, by, orders, notes);
      printResult(command, await runStop(command, { account: where.account, by }, act, options), options);
    });
  });
}

async function chosen(ledger: Ledger, id: string | undefined, options: CancelOptions): Promise<Chosen> {
  if (id !== undefined)
    return { orders: [await oneOrder(ledger, ledgerIdNamed(id), options.exits === true)], notes: [] };
  const symbol = options.symbol === undefined ? undefined : toSymbol(options.symbol);
  const live = (await readLiveOrders(ledger)).filter((order) => !symbol || order.symbol === symbol);
  return entriesOf(live, options.exits === true);
}

async function oneOrder(ledger: Ledger, id: string, withExits: boolean): Promise<LedgerOrder> {
  const order = /^[\w-]{1,64}$/.test(id) ? await readLedgerOrder(ledger, id) : undefined;
  if (order === undefined)
    throw new WorkstealError('unknown', `there is no order "${id.slice(0, 64)}" on record`, { id });
  if (isExit(order) && !isFinal(order.state) && !withExits)
    throw new WorkstealError(
      'refused',
      `${id} is an exit: without it the position of ${order.symbol} stays open; nothing was done`,
      { id },
      undefined,
      'give --exits to cancel it all the same',
    );
  return order;
}
