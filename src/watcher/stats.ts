/** A watcher's statistics for the process that started it: counts and samples since the last report. */
import type { TierCount } from '../ledger/commands/hosts.ts';

const SAMPLES = 1_000;

const LATENCIES = ['admit', 'blockedToGranted', 'place'] as const;
type Latency = (typeof LATENCIES)[number];

/** Counts since the last report. `plans`: held now. Latencies in ms, at most 1,000 samples each. */
export type StatsReport = {
  type: 'stats';
  plans: number;
  /** Active plans by tier, as last published: see `watchingOf`. */
  tiers: Record<string, number>;
  /** `fits` and `stolen` together. */
  admitted: number;
  fits: number;
  stolen: number;
  refused: Record<string, number>;
  robbed: number;
  placed: number;
  /** Entries that ended with a fill. */
  entered: number;
  /** Plans that ended, by their last stage. */
  ended: Record<string, number>;
  latencyMs: Record<Latency, number[]>;
};

const empty = (): Omit<StatsReport, 'type' | 'plans' | 'tiers'> => ({
  admitted: 0,
  fits: 0,
  stolen: 0,
  refused: {},
  robbed: 0,
  placed: 0,
  entered: 0,
  ended: {},
  latencyMs: { admit: [], blockedToGranted: [], place: [] },
});

export class WatcherStats {
  #counts = empty();
  #tiers: Record<string, number> = {};
  /** All samples since the last report; newer ones overwrite older ones. */
  #seen: Record<Latency, number> = { admit: 0, blockedToGranted: 0, place: 0 };

  admitted(how: 'fits' | 'stolen'): void {
    this.#counts.admitted += 1;
    this.#counts[how] += 1;
  }

  refused(reason: string): void {
    this.#counts.refused[reason] = (this.#counts.refused[reason] ?? 0) + 1;
  }

  count(what: 'robbed' | 'placed' | 'entered'): void {
    this.#counts[what] += 1;
  }

  ended(stage: string): void {
    this.#counts.ended[stage] = (this.#counts.ended[stage] ?? 0) + 1;
  }

  took(latency: Latency, ms: number): void {
    this.#counts.latencyMs[latency][this.#seen[latency] % SAMPLES] = Math.round(ms * 1000) / 1000;
    this.#seen[latency] += 1;
  }

  /** The active plans in each tier, as of now. */
  waiting(tiers: readonly TierCount[]): void {
    this.#tiers = Object.fromEntries(tiers.map(({ tier, plans }) => [tier, plans]));
  }

  /** Everything since the last call. */
  take(plans: number): StatsReport {
    const counts = this.#counts;
    this.#counts = empty();
    this.#seen = { admit: 0, blockedToGranted: 0, place: 0 };
    // The tiers were published before the last plans were handed back.
    return { type: 'stats', plans, tiers: plans === 0 ? {} : this.#tiers, ...counts };
  }
}
