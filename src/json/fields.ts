/**
 * The fields of the JSON that commands print. Each has its unit in its name and says what it means; the
 * tables of docs/json.md are made of this (`npm run json:assemble`).
 */
import { z } from 'zod';

/** The version of the contract: raised when a field is removed or changes its meaning. */
export const SCHEMA = 1;

/** An object with exactly these fields. */
export const record = z.strictObject;

/** The field with its meaning. `describe` would make each field twice, at the start of every command. */
function told<Field extends z.ZodType>(field: Field, meaning: string): Field {
  z.globalRegistry.add(field, { description: meaning });
  return field;
}

/** What one command prints: an object with exactly these fields, `schema` first. */
export function document<Shape extends z.ZodRawShape>(meaning: string, shape: Shape) {
  const schema = told(z.literal(SCHEMA), 'version of this contract');
  return told(z.strictObject({ schema, ...shape }), meaning);
}

export const text = (meaning: string) => told(z.string(), meaning);
export const flag = (meaning: string) => told(z.boolean(), meaning);
export const count = (meaning: string) => told(z.int().min(0), meaning);

/** One of a closed list of words. */
export const word = <const Words extends readonly [string, ...string[]]>(meaning: string, words: Words) =>
  told(z.enum(words), meaning);

/** A price, quantity or PnL: text, so that no digit is lost. */
export const decimal = (meaning: string) => told(z.string().regex(/^-?\d+(\.\d+)?$/), `decimal; ${meaning}`);

/** A share of something, such as 0.0031 for 0.31 %. */
export const share = (meaning: string) => told(z.number(), `share; ${meaning}`);

/** An estimate; money that is counted is micro-USD. */
export const dollars = (meaning: string) => told(z.number(), `USD; ${meaning}`);

export const micros = (meaning: string) => told(z.int(), `micro-USD; ${meaning}`);

/** A length of time. */
export const durationMs = (meaning: string) => told(z.int(), `ms; ${meaning}`);

/** A time of the rules: cooldowns, fights, orders and plans. A demo or a replay may run it faster. */
export const ledgerMs = (meaning: string) => told(z.int(), `ms since 1970, ledger time; ${meaning}`);

/** A time of the Redis server: leases, heartbeats, reconciliations, prices. */
export const serverMs = (meaning: string) => told(z.int(), `ms since 1970, server's time; ${meaning}`);

/** The same field, or null. */
export function orNull<Field extends z.ZodType>(field: Field, when: string) {
  return told(field.nullable(), `${field.description ?? ''}; null: ${when}`);
}

export const list = <Item extends z.ZodType>(item: Item, meaning: string) => told(z.array(item), meaning);

/** The same field, or left out. */
export function optional<Field extends z.ZodType>(field: Field) {
  return told(field.optional(), `${field.description ?? ''}; or left out`);
}
