/** Applies one trade update to the ledger. What it can't apply is left to the next reconciliation. */
import type { Logger } from 'pino';
import type { BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { currentOf } from '../succession/current.ts';
import { applyOrder } from './apply-order.ts';
import { detectOtherFleet } from './other-fleets.ts';
import type { Reconciler } from './reconcile.ts';

/** How long the broker may take to answer what became of a replaced order. */
const FOLLOW_TIMEOUT_MS = 10_000;

export type ApplyUpdateParts = {
  ledger: Ledger;
  reconciler: Pick<Reconciler, 'inDollars' | 'broker'>;
  log: Pick<Logger, 'warn'>;
  step: (name: string) => void;
  /** The update changed the ledger. */
  onApplied: () => void;
  /** Asks for a reconciliation. */
  ask: (reason: string) => void;
};

/** Never throws. */
export async function applyUpdate(parts: ApplyUpdateParts, told: BrokerOrder): Promise<void> {
  const { ledger, reconciler, log, step, onApplied, ask } = parts;
  let order = reconciler.inDollars(told);
  if (order === undefined) return ask('unpriced_order');
  try {
    // The update does not name the replacement. The list of live orders does, and both orders count.
    if (told.replaceRequested) ask('pending_replace');
    const current = await currentOf(
      { ledger, broker: reconciler.broker },
      order,
      AbortSignal.timeout(FOLLOW_TIMEOUT_MS),
    );
    if (current.kind === 'old') return;
    order = current.order;
    const applied = await applyOrder(ledger, order);
    if (applied === 'changed') {
      onApplied();
      step(order.state === 'live' ? 'after_open' : 'after_settle');
    }
    // An order of another fleet that filled at once is in no list of live orders.
    if (applied === 'unknown' && order.state !== 'live') await detectOtherFleet(ledger, [order]);
    // An unknown order that ended without a fill has left nothing to count.
    if (applied === 'unknown' && (order.state === 'live' || toNanos(order.filledQty) > 0n))
      ask('unknown_order');
    if (applied === 'contradiction') {
      log.warn(
        { order: order.id, status: order.status, filledQty: order.filledQty },
        `${order.symbol}: a trade update contradicts the ledger; reconciling`,
      );
      ask('contradiction');
    }
  } catch (err) {
    log.warn({ err, order: order.id }, `${order.symbol}: a trade update could not be applied; reconciling`);
    ask('not_applied');
  }
}
