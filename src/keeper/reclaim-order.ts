/**
 * An order that the broker has had, though the ledger says that it was never sent. Either it was sent since
 * the ledger was read, or the ledger is an older copy of itself, which lacks that (I8). Then the broker's
 * word counts, and the order stays its owner's. A thief that has no room yet in the copy is adopted instead.
 */
import type { Logger } from 'pino';
import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { isReplaced } from '../broker/succession.ts';
import { WorkstealError } from '../domain/errors.ts';
import { isFinal } from '../domain/order.ts';
import { adopt } from '../ledger/commands/adopt.ts';
import { release } from '../ledger/commands/release.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { askFor } from '../succession/current.ts';
import { applyListed, applyOrder } from './apply-order.ts';
import { unknownOrderOf } from './unknown-orders.ts';

export type ReclaimParts = {
  ledger: Ledger;
  broker: Broker;
  rules: Settings;
  log: Pick<Logger, 'warn'>;
  step: (name: string) => void;
};

/**
 * Of an order that is live at the broker.
 * @throws WorkstealError `unclear` when the broker no longer finds the order; `unavailable`
 */
export async function reclaimOrder(
  parts: ReclaimParts,
  listed: BrokerOrder,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, broker, rules, log } = parts;
  const id = ledgerId(listed);
  const known = await readLedgerOrder(ledger, id);
  if (known && known.sentAtMs > 0) return void (await applyListed(parts, listed));
  const lost = `${listed.symbol}: the ledger lost the record that the order ${id} was sent`;
  if (known?.state === 'reserved' && (await applyOrder(ledger, listed)) === 'changed') {
    log.warn({ order: id, symbol: listed.symbol }, `${lost}; it counts as sent from now on`);
    return parts.step('after_open');
  }
  log.warn({ order: id, symbol: listed.symbol }, `${lost}; adopting it from the broker`);
  if (known && !isFinal(known.state)) await release(ledger, id, 'record_lost');
  const released = await readLedgerOrder(ledger, id);
  const answer = await broker.order(listed.id, signal);
  if (answer.kind !== 'found')
    throw new WorkstealError('unclear', `broker: order ${listed.id} was listed, and is now ${answer.kind}`);
  if (answer.order.state !== 'live') return;
  const traits = {
    pool: known?.pool ?? poolOfSymbol(listed.symbol, rules),
    reducing: known?.kind === 'exit',
    price: undefined,
  };
  const unknown = unknownOrderOf(answer.order, traits);
  // The broker was asked after the release.
  if (unknown) await adopt(ledger, unknown, (released?.updatedMs ?? 0) + 1);
}

/**
 * Of orders that have ended at the broker, or were replaced there: in a book that was lost they are not to
 * run out as unsent.
 * @param known the ledger's live orders
 * @param ended the broker's latest ended orders
 * @param limit how many are asked about
 * @returns how many changed
 * @throws WorkstealError `unclear` where there are more, or the broker gave no answer: repeat it
 */
export async function reclaimEnded(
  parts: ReclaimParts,
  known: readonly LedgerOrder[],
  ended: readonly Pick<BrokerOrder, 'id' | 'brokerId'>[],
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  const brokerIds = new Map(ended.map((order) => [ledgerId(order), order.brokerId]));
  const unsent = known.filter(
    ({ id, sentAtMs, kind }) => sentAtMs === 0 && kind !== 'external' && brokerIds.has(id),
  );
  let reclaimed = 0;
  for (const order of unsent.slice(0, limit)) {
    const words = `${order.symbol}: the ledger lost the record that the order ${order.id} was sent`;
    parts.log.warn(
      { order: order.id, symbol: order.symbol },
      `${words}; it has ended since, or was replaced`,
    );
    if (await reclaimOne(parts, order, brokerIds.get(order.id) ?? '', signal)) reclaimed += 1;
  }
  if (unsent.length > limit)
    throw new WorkstealError(
      'unclear',
      `the ledger lost the record that ${unsent.length} orders were sent; ${limit} of them were looked up`,
    );
  return reclaimed;
}

async function reclaimOne(
  parts: ReclaimParts,
  order: LedgerOrder,
  brokerId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { ledger, broker } = parts;
  const answer = await broker.orderByBrokerId(brokerId, signal);
  if (answer.kind !== 'found')
    throw new WorkstealError('unclear', `broker: order ${order.id} had ended, and is now ${answer.kind}`);
  if (!isReplaced(answer.order)) return await applyListed(parts, answer.order);
  // A thief that has no room yet can't continue as its replacement: that is adopted.
  if (order.state === 'pending') return (await release(ledger, order.id, 'record_lost')) === 'released';
  const current = await askFor(parts, { ...order, brokerId }, signal);
  if (current.kind === 'found') return await applyListed(parts, current.order);
  throw new WorkstealError(
    'unclear',
    `broker: order ${order.id} was replaced, by one that is ${current.kind}`,
  );
}
