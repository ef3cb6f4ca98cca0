/**
 * What a gateway keeps of its bots' orders besides the ledger: the client order id of an order whose id is a
 * hash, and which orders are being posted now. No rule reads either.
 */
import { randomUUID } from 'node:crypto';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** No order lives as long: the broker ends those that rest for 90 days. */
const KEEP_MS = 100 * 86_400_000;

/** Keeps a bot's own id until the order is forgotten (lua/sweep.lua). @throws WorkstealError `unavailable` */
export async function keepClientId(ledger: Ledger, id: string, clientId: string): Promise<void> {
  const name = key(ledger.account, `client_id:${id}`);
  await answerOf('client id', ledger.redis.set(name, clientId, 'PX', KEEP_MS));
}

/** For an order that did not come to be. */
export async function forgetClientId(ledger: Ledger, id: string): Promise<void> {
  await answerOf('client id', ledger.redis.del(key(ledger.account, `client_id:${id}`)));
}

/** The kept ids of these orders, in their order. @throws WorkstealError `unavailable` */
export async function readClientIds(ledger: Ledger, ids: readonly string[]): Promise<(string | undefined)[]> {
  if (ids.length === 0) return [];
  const names = ids.map((id) => key(ledger.account, `client_id:${id}`));
  const found = await answerOf('client ids', ledger.redis.mget(names));
  return found.map((one) => one ?? undefined);
}

/**
 * Takes the id for one request, for `ms` and then for as long as it is renewed.
 * @returns what the request holds it by; undefined while another one has it
 * @throws WorkstealError `unavailable`
 */
export async function beginPosting(ledger: Ledger, id: string, ms: number): Promise<string | undefined> {
  const mine = randomUUID();
  const name = key(ledger.account, `posting:${id}`);
  return (await answerOf('posting', ledger.redis.set(name, mine, 'PX', ms, 'NX'))) === 'OK'
    ? mine
    : undefined;
}

/** Holds it for `ms` more; nothing where another request has it. @throws WorkstealError `unavailable` */
export async function renewPosting(ledger: Ledger, id: string, mine: string, ms: number): Promise<void> {
  if (await isMine(ledger, id, mine))
    await answerOf('posting', ledger.redis.pexpire(key(ledger.account, `posting:${id}`), ms));
}

/** Gives it up; nothing where another request has it. @throws WorkstealError `unavailable` */
export async function endPosting(ledger: Ledger, id: string, mine: string): Promise<void> {
  if (await isMine(ledger, id, mine))
    await answerOf('posting', ledger.redis.del(key(ledger.account, `posting:${id}`)));
}

async function isMine(ledger: Ledger, id: string, mine: string): Promise<boolean> {
  return (await answerOf('posting', ledger.redis.get(key(ledger.account, `posting:${id}`)))) === mine;
}
