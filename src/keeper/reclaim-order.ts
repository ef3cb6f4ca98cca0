/**
 * An order that is live at the broker, though the ledger says that it was never sent. Either it was sent
 * since the ledger was read, or a failover lost the record of it. In that case its reservation must not run
 * out while the order is open: the order is adopted instead.
 */
import type { Logger } from 'pino';
import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerOrder } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { isFinal } from '../domain/order.ts';
import { adopt } from '../ledger/commands/adopt.ts';
import { release } from '../ledger/commands/release.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { applyListed } from './apply-order.ts';
import { unknownOrderOf } from './unknown-orders.ts';

export type ReclaimParts = {
  ledger: Ledger;
  broker: Broker;
  rules: Settings;
  log: Pick<Logger, 'warn'>;
  step: (name: string) => void;
};

/** @throws WorkstealError `unclear` when the broker no longer finds the order; `unavailable` */
export async function reclaimOrder(
  parts: ReclaimParts,
  listed: BrokerOrder,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, broker, rules, log } = parts;
  const id = ledgerId(listed);
  const known = await readLedgerOrder(ledger, id);
  if (known && known.sentAtMs > 0) return void (await applyListed(parts, listed));
  log.warn(
    { order: id, symbol: listed.symbol },
    `${listed.symbol}: the ledger lost the record that the order ${id} was sent; adopting it from the broker`,
  );
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
