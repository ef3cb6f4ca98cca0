/**
 * The forecast of a bot's order: of the request, else as it was filed by the API, else of its strategy's
 * plan, else of its key.
 */
import { unprocessable } from '../alpaca-server/errors.ts';
import { isDecimal, plain } from '../domain/decimal.ts';
import type { Side } from '../domain/order.ts';
import { readCurrentPlan } from '../ledger/commands/plan-series.ts';
import { readFiledPnl } from '../ledger/filed-forecasts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readPlan } from '../ledger/plan-record.ts';
import type { Bot } from './bots.ts';

/** Of the request, in USD. */
export const PNL_HEADER = 'worksteal-pnl';

/** @throws AlpacaError 422 for a header that is no decimal; WorkstealError `unavailable` */
export async function forecastOf(
  ledger: Ledger,
  { strategy, pnl }: Bot,
  { symbol, side }: { symbol: string; side: Side },
  header: string | undefined,
): Promise<string> {
  if (header !== undefined) {
    const pnl = plain(header);
    if (isDecimal(pnl)) return pnl;
    throw unprocessable('Worksteal-Pnl: must be a decimal with at most 9 decimals');
  }
  if (strategy === '') return pnl;
  const filed = await readFiledPnl(ledger, { strategy, symbol, side });
  if (filed !== undefined) return filed;
  const id = await readCurrentPlan(ledger, { strategy, symbol, side });
  const plan = id === undefined ? undefined : await readPlan(ledger, id);
  return plan === undefined || plan.ended ? pnl : plan.pnl;
}
