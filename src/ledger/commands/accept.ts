import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/**
 * A person accepts the equity that was held back (lua/accept.lua).
 * @returns that equity in micro-USD; undefined where none is held back
 */
export async function acceptEquity(ledger: Ledger): Promise<Micros | undefined> {
  const { outcome, fields } = decode(
    'accept',
    ['accepted', 'nothing', 'unknown'] as const,
    await ledger.run('accept', []),
  );
  return outcome === 'accepted' ? numberOf(fields, 'equity_micros') : undefined;
}
