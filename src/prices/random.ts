/**
 * The seeded random source (sfc32). The same seed gives the same numbers on every machine. Not for secrets.
 */

export interface Random {
  /** 0 <= x < 1, 32 bits. */
  next(): number;
  /** Normally distributed, mean 0, deviation 1. */
  normal(): number;
}

export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = Math.floor(seed / 2 ** 32) | 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  // The first outputs still show the seed's bits.
  for (let i = 0; i < 15; i++) next();

  return {
    next,
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return radius * Math.cos(2 * Math.PI * next());
    },
  };
}
