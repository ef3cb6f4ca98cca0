/** Reads the roles' logs: program faults, and cancellations whose reason appears only there. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const line = z.looseObject({
  level: z.union([z.number(), z.string()]),
  msg: z.string().default(''),
  order: z.string().optional(),
  victim: z.string().optional(),
  why: z.string().optional(),
  err: z.looseObject({ code: z.string().optional(), message: z.string().optional() }).optional(),
});

export type Said = {
  /** Errors that no fault of the surroundings explains. */
  bugs: string[];
  /**
   * Orders that a steal took, that were taken off the broker because the ledger had given them up, or that a
   * worker had read in the ledger as being cancelled, and for what, before it asked the broker: a failover
   * may lose the record, not the note.
   */
  cancelled: Set<string>;
};

export function readRoleLogs(files: readonly string[]): Said {
  const said: Said = { bugs: [], cancelled: new Set() };
  for (const file of files) for (const text of readFileSync(file, 'utf8').split('\n')) hear(text, said);
  return said;
}

function hear(text: string, said: Said): void {
  if (!text.startsWith('{')) return;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return; // cut off by a kill
  }
  const { level, msg, order, victim, why = '', err } = line.parse(json);
  if (victim !== undefined && msg.startsWith('Work steal:')) said.cancelled.add(victim);
  if (order !== undefined && msg.includes('the ledger had given the order up')) said.cancelled.add(order);
  if (order !== undefined && why !== '' && msg.endsWith('asking the broker to cancel it'))
    said.cancelled.add(order);
  if (err?.code === 'bug' || level === 50 || level === 60 || level === 'error' || level === 'fatal')
    said.bugs.push(`${msg}: ${err?.message ?? ''}`);
}
