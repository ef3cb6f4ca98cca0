/**
 * Where an order stands between its limit and far away: 0 to 100. The gate and the protection have the same
 * places in every row, whatever the settings are; beyond, the scale is logarithmic.
 */
import type { OrderRow, Rules } from '../../json/live.ts';

export const GATE_AT = 28;
export const PROTECTION_AT = 40;
const END_AT = 97;
/** Of the protection; farther orders stand at the end. */
const END_TIMES = 30;

/** Undefined without a fresh price. */
export function placeOf(order: OrderRow, rules: Rules): number | undefined {
  const { distance } = order;
  if (distance === null) return undefined;
  // Settings may have the two the other way round.
  const inner = Math.min(rules.gate, rules.protection);
  const outer = Math.max(rules.gate, rules.protection);
  if (distance <= inner) return inner === 0 ? 0 : (distance / inner) * GATE_AT;
  if (distance <= outer) return GATE_AT + ((distance - inner) / (outer - inner)) * (PROTECTION_AT - GATE_AT);
  const beyond = Math.log(distance / outer) / Math.log(END_TIMES);
  return Math.min(END_AT, PROTECTION_AT + 2 + beyond * (END_AT - PROTECTION_AT - 2));
}

/** Is it beyond the edge that the ledger stored with it? Undefined where that is not known. */
export function isBeyondEdge({ side, price, edge }: OrderRow): boolean | undefined {
  if (price === null || edge === null) return undefined;
  return side === 'buy' ? Number(price) > Number(edge) : Number(price) < Number(edge);
}
