/**
 * An exit is judged by a position that was confirmed recently (docs/rules.md, 4.5). Where it was not, the
 * broker is asked, and the exit is entered once more; again where a fill came in between, for that makes the
 * broker's answer one of before. Where the ledger refuses it and the broker has the
 * units free, the ledger has not heard of a fill or of another exit's end yet: it is entered again a little
 * later. Watchers ask by themselves, for they decide by the answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { toNanos } from '../domain/decimal.ts';
import type { OrderWish } from '../domain/order.ts';
import type { Coordinator, Entered } from './coordinator.ts';
import type { HeldAtBroker } from './held-at-broker.ts';

/** What happened is heard of within milliseconds as long as the broker's stream is there. */
const PAUSES_MS = [0, 50, 100, 200, 400, 800, 1_600];
/** A symbol that trades without a break must not use up the account's requests. */
const MOST_ASKED = 3;

/** As `Coordinator.enter`. Without the broker's answer the refusal stays. */
export async function enterConfirmed(
  coordinator: Pick<Coordinator, 'enter'>,
  held: Pick<HeldAtBroker, 'freeFor'>,
  wish: OrderWish,
  signal: AbortSignal,
): Promise<Entered> {
  let entered = await coordinator.enter(wish, signal);
  let asked = 0;
  for (const pauseMs of PAUSES_MS) {
    if (wish.kind !== 'exit' || entered.outcome !== 'refused') return entered;
    const { reason } = entered;
    if (reason !== 'no_position' && (reason !== 'unconfirmed' || asked >= MOST_ASKED)) return entered;
    const free = await held.freeFor(wish.symbol, wish.side).catch(() => undefined);
    if (free === undefined || (reason === 'no_position' && free < toNanos(wish.qty))) return entered;
    if (reason === 'unconfirmed') asked += 1;
    else await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return entered;
    entered = await coordinator.enter(wish, signal);
  }
  return entered;
}
