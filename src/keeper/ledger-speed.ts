import { setClock } from '../ledger/commands/clock.ts';
import { configure } from '../ledger/commands/configure.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Settings } from '../rules/settings.ts';

/**
 * For a harness whose market is faster than real time: creates the account and lets its ledger time run
 * `speed` times as fast from now on. An account that is there already keeps its clock, so any number of
 * keepers may do this, and again after a restart. The ledger and the market then differ by what passed
 * between their starts, times the speed: minutes, no more.
 * @throws WorkstealError `unavailable`
 */
export async function setLedgerSpeed(
  ledger: Ledger,
  rules: Settings,
  syncMaxAgeMs: number,
  speed: number,
): Promise<void> {
  if (!(await configure(ledger, rules, syncMaxAgeMs))) return;
  const real = await setClock(ledger, { mode: 'real' });
  if (real !== undefined) await setClock(ledger, { mode: 'scaled', nowMs: real.nowMs, scale: String(speed) });
}
