/** A kind of fault: `begin` starts it and returns a function that heals it. */
import type { Random } from '../../../../src/prices/random.ts';
import type { Arena } from '../arena.ts';

/** Resolves when the fault is over. */
export type Heal = () => Promise<void>;
export type Strike = (arena: Arena, chance: Random, lastsMs: number) => Promise<Heal>;

/** Of a fault that is over as soon as it was done. */
export const over: Heal = () => Promise.resolve();

export function pick<T>(all: readonly T[], chance: Random): T {
  return all[Math.floor(chance.next() * all.length)] as T;
}
