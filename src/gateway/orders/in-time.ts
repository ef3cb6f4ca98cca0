/** The longest that a bot waits for its answer. */
import { unclear } from '../refusals.ts';

/** After the time for its room, an answer that is under way may still come. */
const GRACE_MS = 500;

/**
 * The work's result. An answer that takes too long is left to itself: the bot asks for the order by its id.
 * @throws AlpacaError 500 after `waitMs` and half a second; what `work` throws
 */
export async function inTime<T>(work: Promise<T>, waitMs: number): Promise<T> {
  work.catch(() => {}); // after the time limit nobody waits for it
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unclear()), waitMs + GRACE_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
