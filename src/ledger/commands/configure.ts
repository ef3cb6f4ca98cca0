import { poolRule } from '../../rules/pools.ts';
import { leverageAt } from '../../rules/session-leverage.ts';
import { fingerprint, type Settings } from '../../rules/settings.ts';
import { switchArgument } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/**
 * Creates the account, or puts changed settings in force (lua/configure.lua).
 * @param syncMaxAgeMs health time after which an account that was not reconciled admits nothing (I8)
 * @param isOpen which leverage of pools that have two: that of the market's session, or the one out of it
 * @param whatIf a book that is only asked what the rules would say: it has no broker, so exits are taken at
 *   their word Pools that are not in the settings are kept, with their leverage, as long as something counts
 *   in them.
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
  ]);
  return decode('configure', ['configured'] as const, raw).fields['created'] === '1';
}
