/**
 * The only random source of the malformed-input tests. WORKSTEAL_SEED repeats a run; otherwise the seed is
 * random and printed once on standard error. Each target has its own stream of random numbers, so that a file
 * alone makes the same calls as in a full run.
 */
import { createHash, randomInt } from 'node:crypto';
import { seededRandom } from '../../../src/prices/random.ts';

export const SEED = Number(process.env['WORKSTEAL_SEED'] ?? randomInt(2 ** 31));

/** Malformed calls per target; set fewer only while developing a target. */
export const CALLS = Number(process.env['WORKSTEAL_CALLS'] ?? 10_000);

export class Chance {
  readonly #next: () => number;

  constructor(label: string, seed = SEED) {
    const digest = createHash('sha256').update(`${seed} ${label}`).digest();
    const random = seededRandom(digest.readUIntBE(0, 6));
    this.#next = () => random.next();
  }

  /** An integer from 0 below `count`. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** Does it happen, once in `times`? */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to choose from');
    return list[this.below(list.length)] as T;
  }

  /** Any bytes, so many. */
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** The chance of a target; tells the seed. */
export function chanceOf(target: string): Chance {
  process.stderr.write(`malformed input, ${target}: WORKSTEAL_SEED=${SEED}\n`);
  return new Chance(target);
}
