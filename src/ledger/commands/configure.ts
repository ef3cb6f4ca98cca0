import { poolRule } from '../../rules/pools.ts';
import { leverageAt } from '../../rules/session-leverage.ts';
import { fingerprint, type Settings } from '../../rules/settings.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * Creates the account, or puts changed settings in force (lua/configure.lua). A pool that is no longer in the
 * settings is kept, with its leverage, while something counts in it.
 * @param syncMaxAgeMs ms of health time; an account that was not reconciled for longer admits nothing (I8)
 * @param isOpen for pools with two leverages: true for the one in the market's session
 * @param whatIf for a scratch book of a what-if, which has no broker: exits are not checked against positions
 * @returns whether the account is new
 */
export async function configure(
  ledger: Ledger,
  settings: Settings,
  syncMaxAgeMs: number,
  isOpen = false,
  whatIf = false,
): Promise<boolean> {
  const raw = await ledger.run('configure', [
    switchArgument(settings.enabled),
    switchArgument(settings.dryRun),
    settings.gate,
    settings.protection,
    settings.cooldownMs,
    settings.minImprovement,
    settings.fightThreshold,
    settings.fightWindowMs,
    settings.fightCooldownMs,
    settings.maxVictims,
    settings.quoteMaxAgeMs,
    settings.historyTtlMs,
    settings.policy,
    syncMaxAgeMs,
    fingerprint(settings),
    settings.vipSymbols.join(';'),
    settings.pools.map((pool) => `${pool.name} ${leverageAt(pool, isOpen)}`).join(';'),
    settings.unusedPauseMs,
    settings.shortMargin,
    switchArgument(whatIf),
    settings.quoteMaxJump,
    poolRule(settings),
    settings.pnlHalfLifeMs,
    settings.minResidencyMs,
    settings.maxRobbed,
    settings.robbedWindowMs,
    settings.budget,
    settings.budgetWindowMs,
    switchArgument(settings.partial),
    settings.partialMin,
    settings.regretWindowMs,
  ]);
  return decode('configure', ['configured'] as const, raw).fields['created'] === '1';
}
