/** The key pairs of a gateway's bots, as the token file keeps them: of the secret only its SHA-256. */
import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import { isDecimal } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { isSymbol, toSymbol } from '../domain/symbol.ts';
import { issueWords } from '../rules/issue-words.ts';

/** It begins the ids of the bot's orders, so no two may run into each other (src/ledger/bot-ids.ts). */
const NAME = /^(?=.{1,28}$)[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*$/;
const decimal = z.string().refine(isDecimal, 'is not a decimal');
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const BOT = z.strictObject({
  name: z.string().regex(NAME, 'is not 1 to 28 of A-Z, a-z, 0-9, _ and single - between them'),
  keyId: z.string().regex(/^WS[A-Z2-7]{18}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whose filed forecasts its orders have; '' for none. */
  strategy: z.union([name, z.literal('')]),
  /** `probe`: its orders are never victims. */
  mode: z.enum(['normal', 'probe']),
  /** The forecast of an order without any other, USD. */
  pnl: decimal,
  /** The largest entry, USD; null: any. */
  maxNotional: decimal.nullable(),
  /** The only symbols that it may trade; empty: any. */
  symbols: z.array(z.string().refine(isSymbol, 'is not a symbol').transform(toSymbol)).max(10_000),
  /** The only accounts that it reaches; empty: any. */
  accounts: z.array(name).max(1_000),
  createdAtMs: z.int().min(0),
});
export type BotRecord = z.output<typeof BOT>;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new pair: an id of Alpaca's length, and 40 characters of 30 random bytes. */
export function makeKeyPair(): { keyId: string; secret: string } {
  const letters = Array.from({ length: 18 }, () => BASE32[randomInt(BASE32.length)]);
  return { keyId: `WS${letters.join('')}`, secret: randomBytes(30).toString('base64url') };
}

/** @throws WorkstealError `invalid` that names the field */
export function botRecordOf(record: z.input<typeof BOT>): BotRecord {
  const parsed = BOT.safeParse(record, { error: issueWords });
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  throw new WorkstealError('invalid', `key: ${path.join('.')}: ${message}`, { field: path.join('.') });
}
