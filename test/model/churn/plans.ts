/** The plans of the simulated month, like the demo's: near the price, for a small profit, for hours. */
import type { Plan } from '../../../src/ledger/commands/plans.ts';
import type { Random } from '../../../src/prices/random.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A plan as the ledger has it, and its prices in cents. */
export type MadePlan = { plan: Plan; limitCents: number; targetCents: number };

export function dollars(cents: number): string {
  return (cents / 100).toFixed(2);
}

/**
 * 0.2-1.2 % below the price, 8-18 % of the cap, a profit of 0.3-0.8 % and a forecast around it, expiry after
 * 1.5 to 6 hours, held for 8 to 30 minutes.
 */
export function makePlan(
  random: Random,
  id: string,
  { symbol, cents }: { symbol: string; cents: number },
  nowMs: number,
  capDollars: number,
): MadePlan {
  const between = (least: number, most: number) => least + (most - least) * random.next();
  const limitCents = Math.max(1, Math.floor(cents * (1 - between(0.002, 0.012))));
  const targetCents = Math.ceil(limitCents * (1 + between(0.003, 0.008)));
  const qty = Math.max(1, Math.floor((capDollars * between(0.08, 0.18) * 100) / limitCents));
  const profitCents = (targetCents - limitCents) * qty * Math.max(0.05, 1 + 0.35 * random.normal());
  const plan: Plan = {
    ...{ id, symbol, side: 'buy', mode: 'normal', pool: '', startsAtMs: 0, strategy: 'churn' },
    ...{ limit: dollars(limitCents), takeProfit: dollars(targetCents), qty: String(qty) },
    pnl: dollars(Math.floor(profitCents)),
    expiresAtMs: Math.round(nowMs + between(1.5, 6) * HOUR_MS),
    holdMs: Math.round(between(8, 30) * MINUTE_MS),
  };
  return { plan, limitCents, targetCents };
}
