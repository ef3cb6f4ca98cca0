/** What the roles report anyway (`Fleet.report`), as far as metrics are made of it. */
import { z } from 'zod';

/**
 * As `worksteal status` has them; `gate` counts those near enough to steal, each of which is in one of the
 * others too.
 */
export const TIERS = ['forced', 'wide', 'normal', 'gate'] as const;
/** What became of steals: `unused` and `refused` were granted before, or left by their thief. */
export const STEALS = ['granted', 'failed', 'unused', 'refused'] as const;
/** How a cancellation ended; `failed` ones are tried again. */
export const CANCELS = ['settled', 'ended', 'not_cancelling', 'unknown', 'failed'] as const;

const count = z.number().int().nonnegative();
const samplesMs = z.array(z.number().nonnegative()).max(1_000);

/** Of a watcher: counts since its last report. */
export const STATS = z.object({
  type: z.literal('stats'),
  plans: count,
  tiers: z.partialRecord(z.enum(TIERS), count),
  fits: count,
  stolen: count,
  refused: z.record(z.string(), count),
  latencyMs: z.object({ admit: samplesMs, blockedToGranted: samplesMs }),
});
/** Of a worker: totals; `doneMs`: of cancellations that ended, samples since its last report. */
export const CANCELLED = z.object({
  type: z.literal('cancels'),
  ...countsOf(CANCELS),
  doneMs: samplesMs.optional(),
});
/** Of a keeper: totals; `stealMs`: samples since its last report. */
export const KEPT = z.object({
  type: z.literal('keeper'),
  active: z.boolean(),
  reconciles: count,
  rebuilt: count,
  failures: count,
  corrected: count,
  steals: z.object(countsOf(STEALS)).optional(),
  victimFills: count.optional(),
  fights: count.optional(),
  regretMicros: count.optional(),
  gainMicros: count.optional(),
  stealMs: samplesMs.optional(),
});
/** Of a planner: totals. */
export const FILED = z.object({ type: z.literal('plans'), filed: count });

function countsOf<Name extends string>(names: readonly Name[]): { [name in Name]: typeof count } {
  return Object.fromEntries(names.map((name) => [name, count])) as { [name in Name]: typeof count };
}
