/**
 * Faults on demand. Counts are used up one by one, rates are drawn from the exchange's seed; POST /faults sets what it names
 * and leaves the rest, GET /faults tells what is left.
 */
import { z } from 'zod';
import type { Random } from '../prices/random.ts';

const count = z.int().min(0).max(1_000_000);
const rate = z.number().min(0).max(1);

const lasting = z.strictObject({
  /** The next so many new orders are accepted, but the connection breaks before the answer. */
  loseReplies: count,
  loseReplyRate: rate,
  /** The next so many trading requests are answered with `failStatus` and not carried out. */
  failRequests: count,
  failStatus: z.int().min(500).max(599),
  /** The next so many cancels stay in pending_cancel, until this is set to 0. */
  stickCancels: count,
  /** The next so many cancels are given up after the delay: the order is live again. */
  rejectCancels: count,
  /** Real ms from the DELETE to the cancel; null: as started. */
  cancelDelayMs: z.int().min(0).max(3_600_000).nullable(),
  /** The next so many trade updates are not sent to anyone, or sent twice. */
  dropUpdates: count,
  dropUpdateRate: rate,
  duplicateUpdates: count,
  duplicateUpdateRate: rate,
  /** Quotes of these symbols say 0. */
  zeroQuotes: z.array(z.string().min(1).max(21)).max(1000),
});

/** What POST /faults takes. `disconnectStreams` is done once, at the request: every stream is cut. */
export const faultsSchema = lasting.extend({ disconnectStreams: z.boolean() }).partial();

export type FaultSettings = z.infer<typeof lasting>;
type CountName = 'loseReplies' | 'failRequests' | 'stickCancels' | 'rejectCancels' | 'dropUpdates' | 'duplicateUpdates';
type RateName = 'loseReplyRate' | 'dropUpdateRate' | 'duplicateUpdateRate';

export class Faults {
  private readonly random: Random;
  private current: FaultSettings = {
    loseReplies: 0,
    loseReplyRate: 0,
    failRequests: 0,
    failStatus: 500,
    stickCancels: 0,
    rejectCancels: 0,
    cancelDelayMs: null,
    dropUpdates: 0,
    dropUpdateRate: 0,
    duplicateUpdates: 0,
    duplicateUpdateRate: 0,
    zeroQuotes: [],
  };

  constructor(random: Random) {
    this.random = random;
  }

  set(settings: z.infer<typeof faultsSchema>): void {
    const { disconnectStreams: _, ...rest } = settings;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    this.current = { ...this.current, ...given };
  }

  settings(): FaultSettings {
    return this.current;
  }

  /** Does it strike now? Uses up one of the count; where that is 0 the rate decides. */
  strikes(name: CountName, rateName?: RateName): boolean {
    if (this.current[name] > 0) {
      this.current = { ...this.current, [name]: this.current[name] - 1 };
      return true;
    }
    const chance = rateName ? this.current[rateName] : 0;
    return chance > 0 && this.random.next() < chance;
  }
}
