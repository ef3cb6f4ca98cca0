/**
 * The broker refuses an exit that could trade with an entry of the other side. As for a plan's exit, entries
 * in its way are cancelled for it, those of other bots and of plans (docs/decisions/0035). A bot's own are
 * its own affair, as at the broker; an order that was placed by hand is nobody's to cancel.
 */
import type { OrderWish } from '../../domain/order.ts';
import { isOrderOf } from '../../ledger/bot-ids.ts';
import { release } from '../../ledger/commands/release.ts';
import { renew } from '../../ledger/commands/renew.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import { canMeet } from '../../rules/wash-trade.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { otherSideOf, stillInTheWay } from './in-the-way.ts';
import { nextEnd } from './next-end.ts';

/** One word, for the record. */
const REASON = 'makes_way';

/**
 * Returns when nothing that can be cancelled is in the exit's way. The exit is reserved, so no new entry
 * comes.
 * @throws AlpacaError 403 when the signal aborts before; the exit is given back then
 */
export async function makeWay(
  gateway: Gateway,
  bot: Bot,
  exit: OrderWish,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, coordinator, events, leaseMs } = gateway.door;
  const { side, limit, type = 'limit' } = exit;
  if (type === 'trailing_stop') return;
  for (;;) {
    const end = nextEnd(events);
    try {
      const inWay = (await otherSideOf(gateway, exit)).filter(
        (other) => isOthersEntry(bot, other) && canMeet({ side, limit, type }, other),
      );
      const [first] = inWay;
      if (first === undefined) return;
      for (const { id, state } of inWay)
        if (state === 'working') await coordinator.cancel(id, REASON, exit.id);
      if (signal.aborted) {
        await release(ledger, exit.id, 'way').catch(() => {}); // if this fails, its lease runs out
        throw await stillInTheWay(gateway, bot, (await readLedgerOrder(ledger, first.id)) ?? first);
      }
      await renew(ledger, exit.owner, leaseMs, [exit.id]);
      await end.wait(signal);
    } finally {
      end.stop();
    }
  }
}

/** One that waits for its room, or was not sent yet, is given back when it is sent: the exit came first. */
function isOthersEntry({ name }: Bot, { kind, id, state, sentAtMs }: LedgerOrder): boolean {
  const isThere = state === 'working' || state === 'cancelling' || (state === 'reserved' && sentAtMs > 0);
  return kind === 'entry' && isThere && !isOrderOf(name, id);
}
