/** What a plain read of the ledger throws: the same as a command does. */
import { WorkstealError } from '../domain/errors.ts';

/**
 * The answer to a read, which `what` names.
 * @throws WorkstealError `unavailable` when Redis gave none: it is loading, busy, or away
 */
export async function answerOf<T>(what: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new WorkstealError('unavailable', `${what}: ${(error as Error).message}`, { command: what }, error);
  }
}
