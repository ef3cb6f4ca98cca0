/**
 * What a host publishes about its active plans (docs/rules.md, 11): how many are in each tier, and which
 * cryptos are among them. So cryptos are ranked across the account, not per host.
 */
import type { CryptoForecast, TierCount, Watching } from '../ledger/commands/hosts.ts';
import { isWithin } from '../rules/distance.ts';
import type { Settings } from '../rules/settings.ts';
import { type Entry, isCrypto } from '../rules/tolerance.ts';
import { type PlanContext, ruleOf } from './plan/context.ts';
import type { PlanState } from './plan/plan-state.ts';

/**
 * `forced`: enters at any distance; `wide`: at the tolerance of cryptos out of hours; `normal`: at that of
 * all others.
 */
export type Tier = 'forced' | 'wide' | 'normal';

/** The tier of an entry rule. */
export function tierOf({ forceImmediate, tolerance }: Entry, settings: Settings): Tier {
  if (forceImmediate) return 'forced';
  return tolerance === settings.cryptoNormalTolerance ? 'normal' : 'wide';
}

/** Does the plan wait for its entry to fill? Only such plans are ranked and counted. */
export function isActive({ plan }: Pick<PlanState, 'plan'>): boolean {
  return plan.stage === 'waiting' || plan.stage === 'entering';
}

/**
 * As of now. The last tier, `gate`, counts plans that are near enough to steal; each is in another tier too.
 */
export function watchingOf(context: PlanContext, plans: Iterable<PlanState>, nowMs: number): Watching {
  const { rules, calendar, prices } = context;
  const counts = { forced: 0, wide: 0, normal: 0, gate: 0 };
  const cryptos = new Map<string, PlanState>();
  for (const state of plans) {
    if (!isActive(state)) continue;
    const { symbol, side, limit } = state.plan;
    counts[tierOf(ruleOf(context, symbol, nowMs), rules)] += 1;
    const price = prices.price(symbol);
    if (price !== undefined && isWithin(side, price, limit, rules.gate)) counts.gate += 1;
    if (isCrypto(symbol, rules) && (cryptos.get(symbol)?.pnlNanos ?? state.pnlNanos - 1n) < state.pnlNanos)
      cryptos.set(symbol, state);
  }
  const open = calendar.isOpen(nowMs);
  const tiers: TierCount[] = [
    { tier: 'forced', tolerance: 'any', plans: counts.forced },
    { tier: 'wide', tolerance: rules.cryptoOutOfHoursTolerance, plans: counts.wide },
    { tier: 'normal', tolerance: rules.cryptoNormalTolerance, plans: counts.normal },
    { tier: 'gate', tolerance: rules.gate, plans: counts.gate },
  ];
  const session = { open, untilMs: open ? calendar.nextClose(nowMs) : calendar.nextOpen(nowMs) };
  return { session, tiers, cryptos: bestFirst([...cryptos.values()]) };
}

function bestFirst(states: PlanState[]): CryptoForecast[] {
  states.sort((a, b) => (a.pnlNanos > b.pnlNanos ? -1 : a.pnlNanos < b.pnlNanos ? 1 : 0));
  return states.map(({ plan: { symbol, pnl } }) => ({ symbol, pnl }));
}
