/** `worksteal close`: a person closes plans and what they hold, at a marketable limit. */
import { Command } from 'commander';
import { toSymbol } from '../domain/symbol.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PlanRecord } from '../ledger/plan-record.ts';
import type { Env } from '../rules/settings.ts';
import { type HeldPosition, readPositions, requireAccount } from './act/book.ts';
import { onePlan, plansWhere } from './act/choose-plans.ts';
import { closePlans, requireWatcher } from './act/close-plans.ts';
import { personOf, withPerson } from './act/person.ts';
import { printResult, runStop, type StopOptions, withStop } from './act/run.ts';
import { requireOne } from './act/selection.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';

type CloseOptions = WhereOptions & StopOptions & { symbol?: string; all?: true };

export function closeCommand(env: Env = process.env): Command {
  const command = new Command('close').description(
    'close plans: cancel their entries, and close what they hold at a marketable limit',
  );
  withWhere(command)
    .argument('[plan]', 'its id')
    .option('--symbol <symbol>', 'all plans of it')
    .option('--all', 'all plans');
  return withPerson(withStop(command)).action(async (id: string | undefined, options: CloseOptions) => {
    const where = readWhere(options, env);
    const by = personOf(options.by);
    requireOne('close', { PLAN: id, '--symbol': options.symbol, '--all': options.all });
    await withLedger(where, async (ledger) => {
      await requireAccount(ledger);
      const { plans, unplanned } = await chosen(ledger, id, options);
      const act = await closePlans(ledger, by, plans, unplanned);
      const ready = async () => {
        if (plans.some(({ ended }) => !ended)) await requireWatcher(ledger);
      };
      const result = await runStop(command, { account: where.account, by }, act, options, ready);
      printResult(command, result, options);
    });
  });
}

async function chosen(
  ledger: Ledger,
  id: string | undefined,
  options: CloseOptions,
): Promise<{ plans: PlanRecord[]; unplanned: HeldPosition[] }> {
  if (id !== undefined) {
    const plan = await onePlan(ledger, id);
    // An ended plan may have left its position to nobody.
    return { plans: [plan], unplanned: plan.ended ? await unplannedOf(ledger, plan.symbol) : [] };
  }
  const symbol = options.symbol === undefined ? undefined : toSymbol(options.symbol);
  const plans = await plansWhere(ledger, (plan) => symbol === undefined || plan.symbol === symbol);
  return { plans, unplanned: await unplannedOf(ledger, symbol) };
}

/** Positions of the symbol, or of all, that no unfinished plan holds. */
async function unplannedOf(ledger: Ledger, symbol: string | undefined): Promise<HeldPosition[]> {
  const held = await plansWhere(ledger, ({ stage }) => stage !== 'waiting');
  const symbols = new Set(held.map((plan) => plan.symbol));
  return (await readPositions(ledger)).filter(
    (position) => (symbol === undefined || position.symbol === symbol) && !symbols.has(position.symbol),
  );
}
