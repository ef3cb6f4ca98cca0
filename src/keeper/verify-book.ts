/** What must hold before a reconciliation may open the account (I8). */
import { ledgerId } from '../broker/order-id.ts';
import type { BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { endedByBroker } from '../ledger/commands/settle.ts';
import { readLedgerOrder, snapshot } from '../ledger/commands/snapshot.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * The ledger was not lost during the reconciliation: if it was, the next round rebuilds it.
 * @throws WorkstealError `unavailable`
 */
export async function verifyKept(ledger: Ledger, server: string): Promise<void> {
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'synced_at_ms', 'server_id');
  const [synced, on] = await answerOf('account', asked);
  if (Number(synced ?? 0) === 0 || on !== server)
    throw new WorkstealError('unavailable', 'the ledger was lost while reconciling');
}

/**
 * In a rebuilt ledger, each listed order counts, was left out as uncountable, or has ended by the broker's
 * word.
 * @param startedMs health time at which the ledger was read
 * @throws WorkstealError `unclear`, `unavailable`
 */
export async function verifyRebuilt(
  ledger: Ledger,
  listed: readonly BrokerOrder[],
  startedMs: number,
  isLeftOut: (order: BrokerOrder) => boolean,
): Promise<void> {
  const sent = (await snapshot(ledger))?.orders.filter(({ sentAtMs }) => sentAtMs > 0) ?? [];
  const counted = new Set(sent.flatMap(({ id, brokerId, nextBrokerId }) => [id, brokerId, nextBrokerId]));
  for (const order of listed) {
    const id = ledgerId(order);
    if (counted.has(id) || counted.has(order.brokerId) || isLeftOut(order)) continue;
    if (toNanos(order.filledQty) === toNanos(order.qty)) continue;
    const known = await readLedgerOrder(ledger, id);
    if (endedByBroker(known) && (known?.updatedMs ?? 0) >= startedMs) continue;
    throw new WorkstealError('unclear', `order ${order.id} is live at the broker and does not count yet`, {
      order: order.id,
    });
  }
}
