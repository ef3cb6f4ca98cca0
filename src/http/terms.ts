/**
 * The terms of an order or a plan as a request names them. Amounts are decimal text, or JSON numbers, as
 * programs print floats (`190.12999999999998`, `8.4177e-06`): they are read to nine decimals, as in plans.
 * The ledger checks them again.
 */
import { z } from 'zod';
import { fromNanos, NANOS } from '../domain/decimal.ts';
import { nearest, readWritten, towardZero, type Written, whyNoNumber } from '../domain/written.ts';

const MAX_CHARACTERS = 64;
const MAX_NANOS = 1_000_000_000_000n * NANOS;

/** @param round to nanos */
function amount(meaning: string, round: (number: Written) => bigint, isSigned: boolean) {
  return z
    .union([z.string().max(MAX_CHARACTERS), z.number()])
    .transform((given, context) => {
      const text = String(given);
      const refuse = (message: string): never => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      const number = readWritten(text);
      if (number === undefined) return refuse(whyNoNumber(text));
      if (number.digits < 0n && !isSigned) return refuse('is below 0');
      const nanos = round(number);
      if (nanos > MAX_NANOS || nanos < -MAX_NANOS) return refuse('is beyond 1e12');
      if (nanos === 0n && number.digits !== 0n) return refuse('is 0 at nine decimals');
      return fromNanos(nanos);
    })
    .describe(`${meaning}; a decimal, as text so that no digit is lost, or a number`);
}

export const SYMBOL = z.string().min(1).max(40).describe('in any spelling: BTC/USD and BTCUSD are the same');
export const SIDE = z.enum(['buy', 'sell']).describe('buy or sell');
export const MODE = z.enum(['normal', 'probe']).describe('probe: a small test order; never a victim');
export const PRICE = amount('USD per unit', nearest, false);
export const QUANTITY = amount('units', towardZero, false);
export const PNL = amount('forecasted PnL, USD', nearest, true);
/** The ledger refuses what is above 1. */
export const PROBABILITY = amount('the probability that its limit trades, 0 to 1', towardZero, false);
