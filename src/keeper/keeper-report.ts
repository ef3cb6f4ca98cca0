/** What a keeper has done since its process began. */
import type { LedgerEvent } from '../ledger/events.ts';
import type { Round } from './round.ts';
import { StealTimes } from './steal-times.ts';

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
  /** Victims that filled while they were being cancelled, and fights that began, by the same events. */
  victimFills: number;
  fights: number;
  /**
   * What steals came to whose watch ended, by the same events, whole micro-USD: of victims what they would
   * have gained, of thieves what they gained. Forecasts below 0 count 0, so that totals never fall.
   */
  regretMicros: number;
  gainMicros: number;
  /** How long steals took that ended since the last report, ms. */
  stealMs: number[];
  /** Of the last round (Round). */
  driftMicros: number;
  brokerMicros: number;
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
  #victimFills = 0;
  #fights = 0;
  #regretMicros = 0;
  #gainMicros = 0;
  #driftMicros = 0;
  #brokerMicros = 0;
  readonly #steals = { granted: 0, failed: 0, unused: 0, refused: 0 };
  readonly #times = new StealTimes();

  countRound({ rebuilt, adopted, applied, settled, corrected, driftMicros, brokerMicros }: Round): void {
    this.#reconciles += 1;
    this.#rebuilt += rebuilt ? 1 : 0;
    this.#adopted += adopted;
    this.#appliedByRounds += applied;
    this.#settled += settled;
    this.#corrected += corrected.length;
    this.#driftMicros = driftMicros;
    this.#brokerMicros = brokerMicros;
  }

  countEvent(event: LedgerEvent): void {
    const { type, fields } = event;
    const failed = type === 'steal_failed' && fields['reason'] === VICTIM_FILLED;
    const end = STEAL_ENDS[type] ?? (failed ? 'failed' : undefined);
    if (end !== undefined) this.#steals[end] += 1;
    if (type === 'ended' && fields['state'] === 'filled' && fields['robbed_by']) this.#victimFills += 1;
    if (type === 'fight') this.#fights += 1;
    if (type === 'judged') {
      this.#regretMicros += microsAboveZero(fields['regret']);
      this.#gainMicros += microsAboveZero(fields['gain']);
    }
    this.#times.hear(event);
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
      victimFills: this.#victimFills,
      fights: this.#fights,
      regretMicros: this.#regretMicros,
      gainMicros: this.#gainMicros,
      stealMs: this.#times.take(),
      driftMicros: this.#driftMicros,
      brokerMicros: this.#brokerMicros,
    };
  }
}

/** Rounded to whole micro-USD; 0 for what is below 0, and for what is no number. */
function microsAboveZero(dollars: string | undefined): number {
  const micros = Math.round(Number(dollars ?? 0) * 1_000_000);
  return Number.isSafeInteger(micros) ? Math.max(0, micros) : 0;
}
