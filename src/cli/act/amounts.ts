/** Amounts and counts in sentences and tables. */
import { microsToDollars } from '../../domain/money.ts';

/** `$1,234.50` */
export function usd(micros: number): string {
  const [dollars = '0', cents = '00'] = microsToDollars(micros).split('.');
  return `$${dollars.replaceAll(/\B(?=(\d{3})+$)/g, ',')}.${cents.padEnd(2, '0').slice(0, 2)}`;
}

/** `1 order`, `2 orders` */
export function counted(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}
