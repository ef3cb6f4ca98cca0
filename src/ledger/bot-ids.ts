/**
 * A bot's own client order ids, and the ids under which the ledger and the broker have its orders. An id of
 * the ledger's form is kept behind the bot's name, `<bot>--<client id>`, and can be read back; any other one
 * is kept as a hash, `<bot>--h_<32 hex digits>`, and the ledger remembers the bot's own (client-ids.ts). No
 * two bots share an id: a bot's name has no two hyphens in a row, and none at its ends
 * (src/http/bot-keys.ts).
 */
import { createHash } from 'node:crypto';

const BETWEEN = '--';
const OF_BOT = /^([A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)--/;
const LEDGER_ID = /^[A-Za-z0-9_-]{1,64}$/;
const HASHED = /^h_[0-9a-f]{32}$/;
/** The ledger reads such an end as the number of a plan's attempt (lua/include/series.lua). */
const ATTEMPT = /_x?\d{1,9}$/;

/** The id in the ledger of the order that this bot calls `clientId`. */
export function ledgerIdOf(bot: string, clientId: string): string {
  const direct = `${bot}${BETWEEN}${clientId}`;
  if (LEDGER_ID.test(direct) && !HASHED.test(clientId) && !ATTEMPT.test(direct)) return direct;
  return `${bot}${BETWEEN}h_${createHash('sha256').update(clientId).digest('hex').slice(0, 32)}`;
}

/** Is this the id of an order of the bot? */
export function isOrderOf(bot: string, id: string): boolean {
  return id.startsWith(`${bot}${BETWEEN}`);
}

/** The name of the bot whose order it is; undefined for any other order. Nobody else may use such an id. */
export function botIn(id: string): string | undefined {
  return OF_BOT.exec(id)?.[1];
}

/**
 * The id in the ledger of the order that a person names: the ledger's own, or `<bot>--<client id>` with any
 * id that the bot gave.
 */
export function ledgerIdNamed(text: string): string {
  const bot = botIn(text);
  if (bot === undefined) return text;
  const clientId = text.slice(bot.length + BETWEEN.length);
  return clientId === '' || HASHED.test(clientId) ? text : ledgerIdOf(bot, clientId);
}

/** What the bot calls its order of this id; undefined where the id is a hash. */
export function clientIdIn(bot: string, id: string): string | undefined {
  const clientId = id.slice(bot.length + BETWEEN.length);
  return HASHED.test(clientId) ? undefined : clientId;
}
