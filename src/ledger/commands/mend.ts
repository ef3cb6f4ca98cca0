import { WorkstealError } from '../../domain/errors.ts';
import { answerOf } from '../answer.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/**
 * Removes from a damaged book, page by page, everything that can be rebuilt from the broker (lua/mend.lua).
 * Rebuild the book afterwards.
 * @returns how many keys were removed; undefined where the book is not damaged
 * @throws WorkstealError `unavailable`; it may be called again
 */
export async function mend(ledger: Ledger): Promise<number | undefined> {
  if (!(await isDamaged(ledger))) return undefined;
  let cursor = '0';
  let removed = 0;
  do {
    const { outcome, fields } = decode(
      'mend',
      ['mended', 'exists', 'unknown'] as const,
      await ledger.run('mend', [cursor]),
    );
    if (outcome !== 'mended') return undefined;
    removed += numberOf(fields, 'removed');
    cursor = fields['cursor'] ?? '0';
  } while (cursor !== '0');
  return removed;
}

/**
 * Is the book damaged? A command failed half-way (lua/include/guard.lua), or an audit found a fault. No
 * command opens the book until it is mended.
 */
export async function isDamaged(ledger: Ledger): Promise<boolean> {
  try {
    return (await answerOf('account', ledger.redis.hget(key(ledger.account, 'account'), 'damaged'))) === '1';
  } catch (error) {
    if (error instanceof WorkstealError && error.message.includes('WRONGTYPE')) return true;
    throw error;
  }
}
