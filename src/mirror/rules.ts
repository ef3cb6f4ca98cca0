/** The rules in force, as far as viewers need them, and the symbols that they protect now. */
import type { Protected, Rules } from '../json/live.ts';
import type { Ranking } from './sorting.ts';

/**
 * `settings`: the ledger's hash. Null while there is none.
 * @param speed ms of ledger time per ms
 */
export function rulesOf(settings: Readonly<Record<string, string>>, speed: number): Rules | null {
  const { policy, gate, protection, improvement, cooldown_ms, quote_max_age_ms } = settings;
  if (policy === undefined || improvement === undefined) return null;
  return {
    policy,
    gate: Number(gate),
    protection: Number(protection),
    improvement,
    cooldownMs: Number(cooldown_ms),
    quoteMaxAgeMs: Number(quote_max_age_ms),
    speed,
  };
}

/** What ranks orders by these settings of the ledger. */
export function rankingOf({ policy, half_life_ms }: Readonly<Record<string, string>>): Ranking {
  return { policy: policy ?? 'pnl', halfLifeMs: Number(half_life_ms ?? 0) };
}

/**
 * `cooldowns`, `often`, `fighting`: symbol and the ledger time of its end, in turn. A fight outweighs both
 * others, and a cooldown is the shortest.
 */
export function protectedAt(
  nowMs: number,
  cooldowns: readonly string[],
  often: readonly string[],
  fighting: readonly string[],
): Protected[] {
  const bySymbol = new Map<string, Protected>();
  const note = (by: Protected['by'], flat: readonly string[]): void => {
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [symbol = '', untilMs] = [flat[at], Number(flat[at + 1])];
      if (untilMs > nowMs) bySymbol.set(symbol, { symbol, by, untilMs });
    }
  };
  note('often robbed', often);
  note('cooldown', cooldowns);
  note('fight', fighting);
  return [...bySymbol.values()];
}
