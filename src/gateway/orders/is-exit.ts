/** Does an order reduce a position? The ledger's decides, or the broker's where the ledger has none. */
import { answerOf } from '../../ledger/answer.ts';
import { key } from '../../ledger/keys.ts';
import type { Gateway } from '../gateway.ts';
import type { NewOrder } from './new-order.ts';

/** @throws WorkstealError `unavailable`; as HeldAtBroker.confirm */
export async function isExit(
  { door: { ledger }, held }: Gateway,
  { symbol, side }: Pick<NewOrder, 'symbol' | 'side'>,
): Promise<boolean> {
  const position = ledger.redis.hget(key(ledger.account, `position:${symbol}`), 'side');
  const known = await answerOf('position', position);
  if (known !== null) return known === (side === 'sell' ? 'long' : 'short');
  // A short sale is rare; a position of which the ledger has not heard yet must not be sold as one.
  return side === 'sell' && (await held.confirm(symbol)) > 0n;
}
