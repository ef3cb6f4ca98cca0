/**
 * While an exit is being replaced, the broker holds the units of both its versions, and would refuse another
 * exit of what is free but for that. The other one waits for the broker's decision.
 */
import { type AlpacaError, forbidden } from '../../alpaca-server/errors.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import type { OrderWish } from '../../domain/order.ts';
import { answerOf } from '../../ledger/answer.ts';
import type { LedgerOrder } from '../../ledger/commands/snapshot.ts';
import { key } from '../../ledger/keys.ts';
import { readSide } from '../../ledger/sides.ts';
import type { Bot } from '../bots.ts';
import type { Gateway } from '../gateway.ts';
import { nextEnd } from './next-end.ts';
import { shownId } from './shown.ts';

type Exit = Pick<OrderWish, 'symbol' | 'side' | 'qty'>;
/** Nanos: what is free now, and once all replacements are decided. */
type Free = { now: bigint; later: bigint; replaced: LedgerOrder | undefined };

/**
 * Returns when the units are free, or would not be after the broker's decision either: the ledger judges.
 * @throws AlpacaError 403 when the signal aborts before; nothing was sent
 */
export async function untilFree(gateway: Gateway, bot: Bot, exit: Exit, signal: AbortSignal): Promise<void> {
  const qty = toNanos(exit.qty);
  for (;;) {
    const end = nextEnd(gateway.door.events);
    try {
      const { now, later, replaced } = await freeFor(gateway, exit);
      if (replaced === undefined || now >= qty || later < qty) return;
      if (signal.aborted) throw await refusal(gateway, bot, exit, { now, replaced });
      await end.wait(signal);
    } finally {
      end.stop();
    }
  }
}

async function freeFor({ door: { ledger } }: Gateway, { symbol, side }: Exit): Promise<Free> {
  const exits = (await readSide(ledger, symbol, side)).filter(({ kind }) => kind === 'exit');
  const replaced = exits.find(({ nextQty }) => nextQty !== '');
  if (replaced === undefined) return { now: 0n, later: 0n, replaced };
  const position = ledger.redis.hget(key(ledger.account, `position:${symbol}`), 'qty');
  const held = toNanos((await answerOf('position', position)) ?? '0');
  let [once, twice] = [0n, 0n];
  for (const { qty, nextQty, filledQty } of exits) {
    once += toNanos(qty) - toNanos(filledQty);
    if (nextQty !== '') twice += toNanos(nextQty) - toNanos(filledQty);
  }
  return { now: held - once - twice, later: held - once, replaced };
}

async function refusal(
  { door: { ledger } }: Gateway,
  bot: Bot,
  { symbol, qty }: Exit,
  { now, replaced }: { now: bigint; replaced: LedgerOrder },
): Promise<AlpacaError> {
  const available = fromNanos(now > 0n ? now : 0n);
  const id = await shownId(ledger, bot.name, replaced.id);
  const why = `the order ${id} is being replaced, and its units are held twice until that is decided`;
  return forbidden(
    `insufficient qty available for order (requested: ${qty}, available: ${available}): ${why}; try again`,
    { symbol, available, worksteal: { reason: 'no_position', sentence: why, by: id } },
  );
}
