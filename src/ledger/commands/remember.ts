import type { Micros } from '../../domain/money.ts';
import type { Ledger } from '../ledger.ts';
import { decode } from '../reply.ts';

/** A steal of the past, by symbol; `atMs` ledger time. `heldMicros`: what it took; 0: not known. */
export type PastSteal = {
  id: string;
  thiefSymbol: string;
  victimSymbol: string;
  atMs: number;
  heldMicros?: Micros;
};

/** Adds a past steal to the history, with the cooldown and the fight that it began (lua/remember.lua). */
export async function remember(ledger: Ledger, steal: PastSteal): Promise<'remembered' | 'unknown'> {
  const args = [steal.id, steal.thiefSymbol, steal.victimSymbol, steal.atMs, steal.heldMicros ?? 0];
  return decode('remember', ['remembered', 'unknown'] as const, await ledger.run('remember', args)).outcome;
}
