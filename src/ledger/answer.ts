/** A plain read of the ledger throws the same error as a command. */
import { WorkstealError } from '../domain/errors.ts';

/**
 * The answer to a read. `what` names the read in the error.
 * @throws WorkstealError `unavailable` when Redis is loading, busy or unreachable
 */
export async function answerOf<T>(what: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new WorkstealError('unavailable', `${what}: ${(error as Error).message}`, { command: what }, error);
  }
}
