/** What is found where an account could not be looked at: no such account, or no answer of Redis. */
import { WorkstealError } from '../../domain/errors.ts';
import { bad, type Finding, unknown } from './finding.ts';

/** @throws the error itself if it says something else */
export function unanswered(error: unknown): Finding[] {
  if (!(error instanceof WorkstealError)) throw error;
  if (error.code === 'unknown') return [bad('account', error.message, error.next)];
  if (error.code !== 'unavailable') throw error;
  return [unknown('redis', error.message, error.next)];
}
