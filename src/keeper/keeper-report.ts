/** What a keeper has done since its process began. */
import type { Fields } from '../ledger/reply.ts';
import type { Round } from './round.ts';

/** Totals since the process began. */
export type KeeperReport = {
  type: 'keeper';
  active: boolean;
  reconciles: number;
  failures: number;
  rebuilt: number;
  adopted: number;
  applied: number;
  settled: number;
  corrected: number;
  /** The outcomes of the account's steals, by their events, while this keeper was active. */
  steals: { granted: number; failed: number; unused: number; refused: number };
};

/** Events that end a steal. A `steal_failed` counts only if a victim filled. */
const STEAL_ENDS: Readonly<Record<string, keyof KeeperReport['steals']>> = {
  granted: 'granted',
  steal_unused: 'unused',
  steal_refused: 'refused',
};
const VICTIM_FILLED = 'a victim was filled';

export class KeeperTotals {
  active = false;
  failures = 0;
  applied = 0;
  #reconciles = 0;
  #rebuilt = 0;
  #adopted = 0;
  #appliedByRounds = 0;
  #settled = 0;
  #corrected = 0;
  readonly #steals = { granted: 0, failed: 0, unused: 0, refused: 0 };

  countRound({ rebuilt, adopted, applied, settled, corrected }: Round): void {
    this.#reconciles += 1;
    this.#rebuilt += rebuilt ? 1 : 0;
    this.#adopted += adopted;
    this.#appliedByRounds += applied;
    this.#settled += settled;
    this.#corrected += corrected.length;
  }

  countEvent(type: string, { reason }: Fields): void {
    const end =
      STEAL_ENDS[type] ?? (type === 'steal_failed' && reason === VICTIM_FILLED ? 'failed' : undefined);
    if (end !== undefined) this.#steals[end] += 1;
  }

  report(): KeeperReport {
    return {
      type: 'keeper',
      active: this.active,
      reconciles: this.#reconciles,
      failures: this.failures,
      rebuilt: this.#rebuilt,
      adopted: this.#adopted,
      applied: this.applied + this.#appliedByRounds,
      settled: this.#settled,
      corrected: this.#corrected,
      steals: { ...this.#steals },
    };
  }
}
