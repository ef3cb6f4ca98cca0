/** The live orders of one side of a symbol, from the ledger's index (lua/include/sides.lua). */
import type { Side } from '../domain/order.ts';
import { answerOf } from './answer.ts';
import { type LedgerOrder, readLedgerOrder } from './commands/snapshot.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** More are not read. */
const MOST = 64;

/** @throws WorkstealError `unavailable` */
export async function readSide(ledger: Ledger, symbol: string, side: Side): Promise<LedgerOrder[]> {
  const start = `${symbol} ${side} `;
  const [from, to] = [`[${start}`, `(${start}\xff`];
  const reading = ledger.redis.zrangebylex(key(ledger.account, 'sides'), from, to, 'LIMIT', 0, MOST);
  const ids = (await answerOf('sides', reading)).map((member) => member.slice(start.length));
  const orders = await Promise.all(ids.map((id) => readLedgerOrder(ledger, id)));
  return orders.filter((order) => order !== undefined);
}
