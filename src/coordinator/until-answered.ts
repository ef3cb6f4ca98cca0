/** What the broker has answered is recorded, even if Redis is away for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkstealError } from '../domain/errors.ts';

export const RECORD_TRIES = 5;
export const RECORD_PAUSE_MS = 50;

/**
 * Sends a command until Redis answers (I6). Undefined when it never answered, or the command contradicts the
 * ledger.
 */
export async function untilAnswered<T>(command: () => Promise<T>): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await command();
    } catch (error) {
      if (!(error instanceof WorkstealError) || (!error.retriable && error.code !== 'contradiction'))
        throw error;
      if (!error.retriable || attempt === RECORD_TRIES) return undefined;
      await sleep(RECORD_PAUSE_MS * 2 ** attempt);
    }
  }
}
