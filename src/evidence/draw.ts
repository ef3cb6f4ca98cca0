/**
 * Numbers drawn by what they are for, not by when they are asked: the same seed, symbol and minute give the
 * same number, whatever else was drawn before. So a bar that changes changes no other bar's draw.
 */

/** What a number is drawn for; part of its key. */
export const DRAW = { path: 1, plan: 2, turn: 3, lot: 4 } as const;

/** 0 .. 2^32 - 1. All arguments are integers. */
export function draw(seed: number, purpose: number, symbol: number, minute: number): number {
  let mixed = mix((seed | 0) ^ Math.imul(purpose, 0x9e3779b1));
  mixed = mix(mixed + Math.imul(symbol, 0x85ebca6b) + 0x7f4a7c15);
  return mix(mixed ^ Math.imul(minute, 0xc2b2ae35)) >>> 0;
}

/** 0 <= x < 1. */
export function fraction(drawn: number): number {
  return drawn / 2 ** 32;
}

/** A symbol's key for `draw`: it does not depend on the other symbols of the market. */
export function keyOf(symbol: string): number {
  let key = 0x811c9dc5;
  for (let at = 0; at < symbol.length; at++) key = Math.imul(key ^ symbol.charCodeAt(at), 0x01000193);
  return key >>> 0;
}

/** Spreads each bit of an integer over all 32 (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
