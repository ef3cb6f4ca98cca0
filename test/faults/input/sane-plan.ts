/** Whether a plan is valid, checked independently of the planner's own checks. */
import type { TermedPlan } from '../../../src/ledger/commands/plan-series.ts';

const DECIMAL = /^-?\d{1,16}(\.\d{1,9})?$/;
const YEAR_MS = 366 * 86_400_000;

/** What is wrong with it; undefined where nothing is. */
export function insaneOf(plan: TermedPlan, nowMs: number): string | undefined {
  const {
    id,
    symbol,
    side,
    mode,
    limit,
    qty,
    pnl,
    pool,
    takeProfit,
    startsAtMs,
    expiresAtMs,
    holdMs,
    strategy,
    terms,
  } = plan;
  const decimals = [limit, qty, pnl, ...(takeProfit === '' ? [] : [takeProfit])];
  const rules: Readonly<Record<string, boolean>> = {
    id: /^[A-Za-z0-9_-]{1,41}$/.test(id),
    symbol: /^[A-Z0-9][A-Z0-9.]{0,19}$/.test(symbol),
    side: side === 'buy' || side === 'sell',
    mode: mode === 'normal' || mode === 'probe',
    decimals: decimals.every((text) => DECIMAL.test(text)),
    limit: Number(limit) > 0 && Number(limit) < 9_007_199,
    qty: Number(qty) > 0 && Number(qty) <= 1e12 && Number(qty) * Number(limit) < 9_007_199_255,
    pnl: Math.abs(Number(pnl)) <= 1_000_000,
    takeProfit:
      takeProfit === '' ||
      (side === 'buy' ? Number(takeProfit) > Number(limit) : Number(takeProfit) < Number(limit)),
    pool: pool === '' || pool === 'crypto',
    times:
      startsAtMs === 0 &&
      holdMs === 0 &&
      Number.isSafeInteger(expiresAtMs) &&
      expiresAtMs > nowMs &&
      expiresAtMs <= nowMs + YEAR_MS,
    strategy: /^[A-Za-z0-9_-]{1,32}$/.test(strategy),
    terms: /^[0-9a-f]{16}$/.test(terms),
  };
  return Object.keys(rules).find((rule) => !rules[rule]);
}
