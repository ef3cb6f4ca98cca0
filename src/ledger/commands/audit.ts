import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/** `faults`: the first 50, as sentences; `faultCount`: how many there are. */
export type Audit = { orders: number; positions: number; faultCount: number; faults: string[] };

/**
 * Recomputes all derived values and compares them (lua/audit.lua; I2). Reads every open order, so it takes
 * time in proportion to them. Undefined when there is no such account.
 */
export async function audit(ledger: Ledger): Promise<Audit | undefined> {
  const raw = (await ledger.run('audit', [])) as string[];
  const { outcome, fields } = decode('audit', ['audited', 'unknown'] as const, raw.slice(0, 7));
  if (outcome === 'unknown') return undefined;
  return {
    orders: numberOf(fields, 'orders'),
    positions: numberOf(fields, 'positions'),
    faultCount: numberOf(fields, 'faults'),
    faults: raw.slice(7),
  };
}
