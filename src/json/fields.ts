/**
 * The fields of the JSON that commands print. Each has its unit in its name and says what it means; the
 * tables of docs/json.md are made of this (`npm run json:assemble`).
 */
import { z } from 'zod';

/** The version of the contract: raised when a field is removed or changes its meaning. */
export const SCHEMA = 1;

/** An object with exactly these fields. */
export const record = z.strictObject;

/** What one command prints: an object with exactly these fields, `schema` first. */
export function document<Shape extends z.ZodRawShape>(meaning: string, shape: Shape) {
  const schema = z.literal(SCHEMA).describe('version of this contract');
  return z.strictObject({ schema, ...shape }).describe(meaning);
}

export const text = (meaning: string) => z.string().describe(meaning);
export const flag = (meaning: string) => z.boolean().describe(meaning);
export const count = (meaning: string) => z.int().min(0).describe(meaning);

/** One of a closed list of words. */
export const word = <const Words extends readonly [string, ...string[]]>(meaning: string, words: Words) =>
  z.enum(words).describe(meaning);

/** A price, quantity or PnL: text, so that no digit is lost. */
export const decimal = (meaning: string) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .describe(`decimal; ${meaning}`);

/** A share of something, such as 0.0031 for 0.31 %. */
export const share = (meaning: string) => z.number().describe(`share; ${meaning}`);

/** An estimate; money that is counted is micro-USD. */
export const dollars = (meaning: string) => z.number().describe(`USD; ${meaning}`);

export const micros = (meaning: string) => z.int().describe(`micro-USD; ${meaning}`);

/** A length of time. */
export const durationMs = (meaning: string) => z.int().describe(`ms; ${meaning}`);

/** A time of the rules: cooldowns, fights, orders and plans. A demo or a replay may run it faster. */
export const ledgerMs = (meaning: string) => z.int().describe(`ms since 1970, ledger time; ${meaning}`);

/** A time of the Redis server: leases, heartbeats, reconciliations, prices. */
export const serverMs = (meaning: string) => z.int().describe(`ms since 1970, server's time; ${meaning}`);

/** The same field, or null. */
export function orNull<Field extends z.ZodType>(field: Field, when: string) {
  return field.nullable().describe(`${field.description ?? ''}; null: ${when}`);
}

export const list = <Item extends z.ZodType>(item: Item, meaning: string) => z.array(item).describe(meaning);

/** The same field, or left out. */
export function optional<Field extends z.ZodType>(field: Field) {
  return field.optional().describe(`${field.description ?? ''}; or left out`);
}
