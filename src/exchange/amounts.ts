/**
 * Exact amounts. A price times a quantity is nanos x nanos = attos (1e-18 USD), kept as bigint, so that
 * neither the account nor the judge ever rounds. Only amounts in answers and logs are rounded, in the stated
 * direction.
 */
import { fromNanos, toNanos } from '../domain/decimal.ts';

/** 1e-18 USD. */
export type Attos = bigint;

const ATTOS_PER_MICRO = 1_000_000_000_000n;
const ATTOS_PER_NANO = 1_000_000_000n;

export type Rounding = 'up' | 'down';

/** a / b for b > 0, rounded to plus infinity (`up`) or minus infinity (`down`). */
export function divide(a: bigint, b: bigint, rounding: Rounding): bigint {
  const rest = ((a % b) + b) % b;
  const floor = (a - rest) / b;
  return rounding === 'up' && rest > 0n ? floor + 1n : floor;
}

/** Dollars as a decimal string -> attos. */
export function dollarsToAttos(dollars: string, field = 'dollars'): Attos {
  return toNanos(dollars, field) * ATTOS_PER_NANO;
}

/** Attos -> integer micro-USD. The caller makes sure that it is below 2^53. */
export function attosToMicros(attos: Attos, rounding: Rounding): number {
  return Number(divide(attos, ATTOS_PER_MICRO, rounding));
}

/** Attos -> dollars with at most six decimals. */
export function attosToDollars(attos: Attos, rounding: Rounding): string {
  return fromNanos(divide(attos, ATTOS_PER_MICRO, rounding) * 1000n);
}

/** Cost / quantity -> price with nine decimals, in nanos. */
export function averageNanos(cost: Attos, qtyNanos: bigint, rounding: Rounding): bigint {
  return divide(cost, qtyNanos, rounding);
}

export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
