/**
 * The forecast of a bot's order: of the request, else as it was filed by the API, else of its strategy's
 * plan, else of its key.
 */
import { unprocessable } from '../alpaca-server/errors.ts';
import { isDecimal, NANOS, plain, toNanos } from '../domain/decimal.ts';
import type { Side } from '../domain/order.ts';
import { readCurrentPlan } from '../ledger/commands/plan-series.ts';
import { type Expected, readFiledForecast } from '../ledger/filed-forecasts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readPlan } from '../ledger/plan-record.ts';
import type { Bot } from './bots.ts';

/** Of the request, in USD. */
export const PNL_HEADER = 'worksteal-pnl';

/** Of the request: that its limit trades, 0 to 1. */
export const PROBABILITY_HEADER = 'worksteal-fill-probability';

/** What the headers of a request say; undefined where one is missing. */
export type Told = { pnl: string | undefined; fillProbability: string | undefined };

/**
 * A header counts for its part alone: one that tells only the PnL leaves the probability as it is filed.
 * @throws AlpacaError 422 for a header that is no decimal, or no probability; WorkstealError `unavailable`
 */
export async function forecastOf(
  ledger: Ledger,
  bot: Bot,
  order: { symbol: string; side: Side },
  told: Told,
): Promise<Expected> {
  const [pnl, fillProbability] = [readPnl(told.pnl), readProbability(told.fillProbability)];
  if (pnl !== undefined && fillProbability !== undefined) return { pnl, fillProbability };
  const known = await knownForecast(ledger, bot, order);
  return { pnl: pnl ?? known.pnl, fillProbability: fillProbability ?? known.fillProbability };
}

function readPnl(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const pnl = plain(header);
  if (isDecimal(pnl)) return pnl;
  throw unprocessable('Worksteal-Pnl: must be a decimal with at most 9 decimals');
}

function readProbability(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const probability = plain(header);
  const nanos = isDecimal(probability) ? toNanos(probability) : -1n;
  if (nanos >= 0n && nanos <= NANOS) return probability;
  throw unprocessable('Worksteal-Fill-Probability: must be a decimal from 0 to 1 with at most 9 decimals');
}

async function knownForecast(
  ledger: Ledger,
  { strategy, pnl }: Bot,
  { symbol, side }: { symbol: string; side: Side },
): Promise<Expected> {
  const ofKey = { pnl, fillProbability: '1' };
  if (strategy === '') return ofKey;
  const filed = await readFiledForecast(ledger, { strategy, symbol, side });
  if (filed !== undefined) return filed;
  const id = await readCurrentPlan(ledger, { strategy, symbol, side });
  const plan = id === undefined ? undefined : await readPlan(ledger, id);
  if (plan === undefined || plan.ended) return ofKey;
  return { pnl: plan.pnl, fillProbability: plan.fillProbability ?? '1' };
}
