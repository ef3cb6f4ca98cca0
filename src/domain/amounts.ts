/** Amounts and counts in sentences and tables. */
import { microsToDollars } from './money.ts';

/**
 * `$1,234.50`, `-$3.00`; a fraction of a cent is rounded.
 * @param cents how many digits follow the point: 2, or 0 where space is short
 */
export function usd(micros: number, cents: 0 | 2 = 2): string {
  const digits = { minimumFractionDigits: cents, maximumFractionDigits: cents };
  const text = Number(microsToDollars(Math.round(Math.abs(micros)))).toLocaleString('en-US', digits);
  return micros < 0 ? `-$${text}` : `$${text}`;
}

/** `1 order`, `2 orders`, `2 entries`, `2 days` */
export function counted(count: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}
