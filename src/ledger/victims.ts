/** Whom a steal took room from, as its answer and what is on record of it tell it. */
import type { Micros } from '../domain/money.ts';
import { type Fields, listOf } from './reply.ts';

/** A victim as of its choice. `pnl`: USD, a decimal string. `heldMicros`: what it counted against the cap. */
export type Victim = { id: string; symbol: string; pnl: string; heldMicros: Micros };

/** What a steal's best victim keeps: an order of its plan for `qty` units, which counts `heldMicros`. */
export type KeptPart = { id: string; qty: string; heldMicros: Micros };

/** `id qty held_micros` -> what is kept, if anything is. */
export function readKept(fields: Fields): { kept?: KeptPart } {
  const [id, qty = '', heldMicros = ''] = (fields['kept'] ?? '').split(' ');
  return id ? { kept: { id, qty, heldMicros: Number(heldMicros) } } : {};
}

/** `id symbol pnl held_micros;...` -> victims. */
export function readVictims(fields: Fields): Victim[] {
  return listOf(fields, 'victims').map((text) => {
    const [id = '', symbol = '', pnl = '', heldMicros = ''] = text.split(' ');
    return { id, symbol, pnl, heldMicros: Number(heldMicros) };
  });
}
