/**
 * What an order is worth as a victim (docs/rules.md, 7.4): its PnL x 2^(-age / half-life), rounded down to a
 * nano. The power is a product of square roots of square roots of a half, one for each binary digit of the
 * exponent.
 */

const BITS = 256n;

/** 2^-(1/2), 2^-(1/4), ... as integers over 2^BITS. */
const ROOTS = roots();

function roots(): bigint[] {
  const found: bigint[] = [];
  let last = 1n << (BITS - 1n); // a half
  for (let at = 0n; at < BITS; at++) {
    last = squareRoot(last << BITS);
    found.push(last);
  }
  return found;
}

/** Rounded down. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  while (true) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** @param pnl nanos; `halfLifeMs` 0: nothing fades */
export function worthOf(pnl: bigint, ageMs: number, halfLifeMs: number): bigint {
  if (halfLifeMs === 0 || pnl <= 0n || ageMs <= 0) return pnl;
  const whole = BigInt(halfLifeMs);
  const halvings = BigInt(ageMs) / whole;
  if (halvings > 64n) return 0n;
  let rest = BigInt(ageMs) % whole;
  let power = 1n << BITS;
  for (const root of ROOTS) {
    if (rest === 0n) break;
    rest *= 2n;
    if (rest < whole) continue;
    rest -= whole;
    power = (power * root) >> BITS;
  }
  return (pnl * power) >> (BITS + halvings);
}
