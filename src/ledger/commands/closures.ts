import { CLOSURE_CAUSES, type ClosureCause, shortWords } from '../../domain/closure.ts';
import { answerOf } from '../answer.ts';
import { phrase } from '../arguments.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** `sinceMs`: health time at which the account was closed for this cause. */
export type Closure = { cause: ClosureCause; sinceMs: number; words: string };

/**
 * Closes the account for entries (lua/close.lua). `words`: the reason for people. It may come from the
 * broker, so control characters become spaces and it is cut off after 256 bytes.
 */
export async function close(
  ledger: Ledger,
  cause: ClosureCause,
  words: string,
): Promise<'closed' | 'exists' | 'unknown'> {
  const raw = await ledger.run('close', [cause, shortened('close', words)]);
  return decode('close', ['closed', 'exists', 'unknown'] as const, raw).outcome;
}

/** Ends one cause (lua/reopen.lua); `exists`: the account was not closed for it. */
export async function reopen(
  ledger: Ledger,
  cause: ClosureCause,
): Promise<'reopened' | 'exists' | 'unknown'> {
  return decode('reopen', ['reopened', 'exists', 'unknown'] as const, await ledger.run('reopen', [cause]))
    .outcome;
}

/** Every cause for which the account is closed now. @throws WorkstealError `unavailable` */
export async function readClosures(ledger: Ledger): Promise<Closure[]> {
  const fields = await answerOf('closures', ledger.redis.hgetall(key(ledger.account, 'closures')));
  return CLOSURE_CAUSES.flatMap((cause) => {
    const [, since, words] = /^(\d+) (.*)$/s.exec(fields[cause] ?? '') ?? [];
    return since === undefined || words === undefined ? [] : [{ cause, sinceMs: Number(since), words }];
  });
}

/**
 * The broker refused this order because it accepts none for the account (lua/account-refused.lua). The
 * account is closed for entries; now and then one entry is let through as a probe, and an accepted probe
 * opens the account. Call this before the order is settled.
 */
export async function accountRefused(
  ledger: Ledger,
  id: string,
  words: string,
): Promise<'closed' | 'exists' | 'unknown'> {
  const raw = await ledger.run('account-refused', [id, shortened('account-refused', words)]);
  return decode('account-refused', ['closed', 'exists', 'unknown'] as const, raw).outcome;
}

/**
 * Reports the broker's answer about the account (lua/account-told.lua).
 * @param shut why the account accepts no orders; '' when it does, which ends a closure by such an answer
 * @param warnings sentences for people, kept for `status`
 */
export async function accountTold(
  ledger: Ledger,
  shut: string,
  warnings: readonly string[],
): Promise<'closed' | 'reopened' | 'exists' | 'unknown'> {
  const forPeople = warnings.map((warning) => phrase('account-told', warning)).join('; ');
  const raw = await ledger.run('account-told', [
    shut === '' ? '' : shortened('account-told', shut),
    forPeople === '' ? '' : shortened('account-told', forPeople),
  ]);
  return decode('account-told', ['closed', 'reopened', 'exists', 'unknown'] as const, raw).outcome;
}

function shortened(script: string, words: string): string {
  return shortWords(typeof words === 'string' ? words : phrase(script, words)) || 'no words';
}
