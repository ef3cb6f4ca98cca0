/**
 * What an order is worth as a victim (docs/rules.md, 7.4): its PnL x 2^(-age / half-life), rounded down to a
 * nano. In doubles where the rounding is certain; else with a power of 128 bits.
 */
import { NANOS, shareOf } from './exact.ts';

const BITS = 128n;

/** Far more than the power and the product can be off, as a share of the product. */
const ERROR = 2 ** -48;

/** 2^-(1/2), 2^-(1/4), ... as integers over 2^BITS; made when first needed. */
let roots: bigint[] | undefined;

/** @param pnl nanos; @param halfLifeMs 0: nothing fades */
export function worthOf(pnl: number, ageMs: number, halfLifeMs: number): number {
  if (halfLifeMs === 0 || pnl <= 0 || ageMs <= 0) return pnl;
  const about = pnl * 2 ** (-ageMs / halfLifeMs);
  if (about < 2 ** -20) return 0;
  const down = Math.floor(about);
  const error = about * ERROR;
  if (about - down > error && down + 1 - about > error) return down;
  return exactly(pnl, ageMs, halfLifeMs);
}

/** pnl x a probability, rounded down. @param probability nanos of one. */
export function expectedOf(pnl: number, probability: number): number {
  if (pnl >= 0) return shareOf(pnl, probability);
  const up = shareOf(-pnl, probability);
  const isExact = (BigInt(-pnl) * BigInt(probability)) % BigInt(NANOS) === 0n;
  return isExact ? -up : -up - 1;
}

function exactly(pnl: number, ageMs: number, halfLifeMs: number): number {
  roots ??= makeRoots();
  const whole = BigInt(halfLifeMs);
  const halvings = BigInt(ageMs) / whole;
  let rest = BigInt(ageMs) % whole;
  let power = 1n << BITS;
  for (const root of roots) {
    if (rest === 0n) break;
    rest *= 2n;
    if (rest < whole) continue;
    rest -= whole;
    power = (power * root) >> BITS;
  }
  return Number((BigInt(pnl) * power) >> (BITS + halvings));
}

function makeRoots(): bigint[] {
  const found: bigint[] = [];
  let last = 1n << (BITS - 1n);
  for (let at = 0n; at < BITS; at++) {
    last = squareRoot(last << BITS);
    found.push(last);
  }
  return found;
}

/** Rounded down. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BITS;
  while (true) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}
