import { setClock } from '../ledger/commands/clock.ts';
import { configure } from '../ledger/commands/configure.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Settings } from '../rules/settings.ts';

/**
 * For a demo or test whose market is faster than real time: creates the account, with ledger time that runs
 * `speed` times as fast from now on. An existing account keeps its clock, so every keeper may call this, also
 * after a restart. The ledger's time differs from the market's by the time between their starts, times the
 * speed.
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
