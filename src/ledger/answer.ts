/** A plain read of the ledger throws the same error as a command. */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { redisFault } from '../redis/connection-fault.ts';

/**
 * The answer to a read. `what` names the read in the error.
 * @throws WorkstealError `unavailable` when Redis is loading, busy or unreachable
 */
export async function answerOf<T>(what: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw unavailable(what, error);
  }
}

/** The error of a command that Redis refused or did not answer: where, why and what to do. */
export function unavailable(what: string, error: unknown, redis?: Redis): WorkstealError {
  const { host, port, username, Connector } = redis?.options ?? {};
  // Where a connector finds the server, the host is only a default.
  const where = host === undefined || Connector ? 'Redis' : `Redis at ${host}:${port}`;
  const { words, next } = redisFault({ url: '', user: username }, error);
  return new WorkstealError('unavailable', `${what}: ${where}: ${words}`, { command: what }, error, next);
}
