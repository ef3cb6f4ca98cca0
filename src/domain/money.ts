/**
 * Money is integer micro-USD below 2^53 (I1, I2 need exact sums). Dollars appear only in text for people and
 * in messages to and from a broker.
 */
import { fromNanos, toNanos } from './decimal.ts';
import { WorkstealError } from './errors.ts';

/** Integer micro-USD, |x| < 2^53. */
export type Micros = number;

const MAX = BigInt(Number.MAX_SAFE_INTEGER);

function safe(micros: bigint, field: string): Micros {
  if (micros > MAX || micros < -MAX) {
    throw new WorkstealError('invalid', `${field}: ${micros} micro-USD is more than the ledger can hold`, {
      field,
      value: micros.toString(),
    });
  }
  return Number(micros);
}

/** price x quantity in micro-USD, rounded up: what an order counts against a cap (docs/rules.md, 1.2). */
export function notionalMicros(price: string, qty: string): Micros {
  const product = toNanos(price, 'price') * toNanos(qty, 'qty'); // 1e-18 USD
  return safe((product + 999_999_999_999n) / 1_000_000_000_000n, 'notional');
}

/**
 * Dollars as a decimal string -> micro-USD. A fraction of a micro-USD is rounded: `up` to the next larger
 * number, `down` to the next smaller one.
 * @throws WorkstealError `invalid` when it is not a decimal or too large.
 */
export function dollarsToMicros(dollars: string, rounding: 'up' | 'down'): Micros {
  const nanos = toNanos(dollars, 'dollars');
  const rest = ((nanos % 1000n) + 1000n) % 1000n;
  const floor = (nanos - rest) / 1000n;
  return safe(rounding === 'up' && rest > 0n ? floor + 1n : floor, 'dollars');
}

/** Micro-USD -> decimal dollars: `1500000` -> `"1.5"`. */
export function microsToDollars(micros: Micros): string {
  return fromNanos(BigInt(micros) * 1000n);
}
