/** `worksteal withdraw`: a person ends plans; what they hold keeps its exit. */
import { Command } from 'commander';
import type { Env } from '../rules/settings.ts';
import { requireAccount } from './act/book.ts';
import { onePlan, plansWhere } from './act/choose-plans.ts';
import { personOf, withPerson } from './act/person.ts';
import { printResult, runStop, type StopOptions, withStop } from './act/run.ts';
import { requireOne } from './act/selection.ts';
import { withdrawPlans } from './act/withdraw-plans.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';

type WithdrawOptions = WhereOptions & StopOptions & { strategy?: string; all?: true };

export function withdrawCommand(env: Env = process.env): Command {
  const command = new Command('withdraw').description(
    'withdraw plans, and wait until their entries have ended; what they hold keeps its exit',
  );
  withWhere(command)
    .argument('[plan]', 'its id')
    .option('--strategy <name>', 'all plans of it')
    .option('--all', 'all plans');
  return withPerson(withStop(command)).action(async (id: string | undefined, options: WithdrawOptions) => {
    const where = readWhere(options, env);
    const by = personOf(options.by);
    requireOne('withdraw', { PLAN: id, '--strategy': options.strategy, '--all': options.all });
    await withLedger(where, async (ledger) => {
      await requireAccount(ledger);
      const plans =
        id === undefined
          ? await plansWhere(ledger, ({ strategy }) => options.all === true || strategy === options.strategy)
          : [await onePlan(ledger, id)];
      const act = await withdrawPlans(ledger, by, plans);
      printResult(command, await runStop(command, { account: where.account, by }, act, options), options);
    });
  });
}
