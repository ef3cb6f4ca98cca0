/**
 * Translates a broker's report of an order, which somebody may have replaced, into the ledger's terms: the
 * ledger's id, the quantities of all orders in the succession, and the latest order
 * (src/broker/succession.ts). The ledger is amended on the way (lua/amend.lua), so the new limit and quantity
 * count from then on. Every report passes through here: trade updates, reconciliations, cancel workers,
 * submissions (I1, I6).
 */
import { isKeptByHash, ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerOrder, OrderAnswer } from '../broker/port.ts';
import {
  counted,
  goesOn,
  isReplaced,
  lineOf,
  NOTHING_BEFORE,
  sumOf,
  theOrder,
} from '../broker/succession.ts';
import { type Before, isFinal } from '../domain/order.ts';
import { amend } from '../ledger/commands/amend.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readSuccessors } from '../ledger/successors.ts';

export type SuccessionParts = { ledger: Ledger; broker: Pick<Broker, 'order' | 'orderByBrokerId'> };

export type Current =
  /** To be applied as it is. `before`: what earlier orders filled, if the ledger has to adopt it. */
  | { kind: 'order'; order: BrokerOrder; before: Before }
  /** The ledger is further already: nothing to apply. */
  | { kind: 'old' };

/** Was the order replaced, or does it replace another one? Most orders need no lookup. */
export function isChanged(order: BrokerOrder): boolean {
  return order.replaces !== undefined || isReplaced(order);
}

/**
 * @param order as the broker reported it, in a list, an update or an answer
 * @throws WorkstealError `unclear` when the broker gives no answer about it, `unavailable`
 */
export async function currentOf(
  parts: SuccessionParts,
  order: BrokerOrder,
  signal?: AbortSignal,
): Promise<Current> {
  if (!isChanged(order)) return { kind: 'order', order, before: NOTHING_BEFORE };
  const direct = await versionOf(parts, order, signal);
  if (direct !== undefined) return direct;
  const line = await lineOf(parts.broker, order, signal);
  const known = await newestKnown(parts.ledger, line);
  if (known === undefined) return await unknownTo(parts, line, signal);
  if (known.brokerId === order.brokerId) return await advance(parts, known, order, order, signal);
  if (isFinal(known.state))
    return order.state === 'live' ? await unknownTo(parts, line, signal) : { kind: 'old' };
  const at = line.find((one) =>
    known.brokerId === '' ? ledgerId(one) === known.id : one.brokerId === known.brokerId,
  );
  return at === undefined ? { kind: 'old' } : await advance(parts, known, at, order, signal);
}

/** Without a walk through the succession, where the ledger knows the version. */
async function versionOf(
  parts: SuccessionParts,
  order: BrokerOrder,
  signal?: AbortSignal,
): Promise<Current | undefined> {
  const { ledger, broker } = parts;
  const { brokerId, replaces = '', replacedBy = '' } = order;
  const [own, before, after] = await readSuccessors(ledger, [brokerId, replaces, replacedBy]);
  const id = own ?? before ?? after;
  const known = id === undefined ? undefined : await readLedgerOrder(ledger, id);
  if (known === undefined || isFinal(known.state)) return undefined;
  if (known.brokerId === brokerId) return await advance(parts, known, order, order, signal);
  if (known.brokerId === replacedBy) return { kind: 'old' };
  if (known.brokerId !== replaces) return undefined;
  return await advance(parts, known, await theOrder(broker, replaces, signal), order, signal);
}

/** Asks the broker about an order of the ledger; the answer is in the ledger's terms. */
export async function askFor(
  parts: SuccessionParts,
  known: LedgerOrder,
  signal?: AbortSignal,
): Promise<OrderAnswer> {
  const { broker } = parts;
  let answer: OrderAnswer | undefined;
  if (!known.amended && !isKeptByHash(known.id)) answer = await broker.order(known.id, signal);
  // The broker finds a confirmed order by its own id, even if the client's id has changed.
  if (known.brokerId !== '' && (answer === undefined || answer.kind === 'not_found')) {
    answer = await broker.orderByBrokerId(known.brokerId, signal);
  }
  if (answer?.kind !== 'found')
    return (
      answer ?? {
        kind: 'unknown',
        message: 'the broker knows none of the ids that the ledger has for the order',
      }
    );
  if (!known.amended && !isChanged(answer.order)) return answer;
  const current = known.amended
    ? await advance(parts, known, answer.order, answer.order, signal)
    : await currentOf(parts, answer.order, signal);
  return current.kind === 'order'
    ? { kind: 'found', order: current.order }
    : { kind: 'unknown', message: 'the ledger has a later order in its place by now' };
}

/** The newest order of the succession that the ledger knows; one that has not ended comes first. */
async function newestKnown(ledger: Ledger, line: readonly BrokerOrder[]): Promise<LedgerOrder | undefined> {
  let ended: LedgerOrder | undefined;
  for (const link of [...line].reverse()) {
    const known = await readLedgerOrder(ledger, ledgerId(link));
    if (known !== undefined && !isFinal(known.state)) return known;
    ended ??= known;
  }
  return ended;
}

/** Amends the ledger's order to the latest one of the succession. */
async function advance(
  parts: SuccessionParts,
  known: LedgerOrder,
  at: BrokerOrder,
  reported: BrokerOrder,
  signal?: AbortSignal,
): Promise<Current> {
  const { order, before } = await goesOn(parts.broker, at, known.before, signal);
  const terms = counted(order, known.id, before);
  if (isFinal(known.state)) return { kind: 'order', order: terms, before };
  if (order !== at) {
    await amend(parts.ledger, {
      was: known.brokerId,
      terms,
      limit: order.limit ?? known.limit,
      before,
      takes: 'now',
    });
  } else if (reported.replaces === order.brokerId && reported.state === 'live') {
    // The replacement is not decided yet: until then the larger of the two counts. It may fill all of its
    // quantity beside what the order has filled.
    const next = counted(reported, known.id, sumOf([order], before));
    await amend(parts.ledger, {
      was: known.brokerId,
      terms: next,
      limit: next.limit ?? known.limit,
      before,
      takes: 'later',
    });
  } else if (known.nextBrokerId !== '' && !order.replaceRequested && order.state === 'live') {
    await amend(parts.ledger, {
      was: known.brokerId,
      terms,
      limit: order.limit ?? known.limit,
      before,
      takes: 'now',
    });
  }
  return { kind: 'order', order: terms, before };
}

/** The ledger has none of them: the latest one is reported under the id of the first. */
async function unknownTo(
  { broker }: SuccessionParts,
  line: readonly BrokerOrder[],
  signal?: AbortSignal,
): Promise<Current> {
  const [first, last] = [line[0] as BrokerOrder, line.at(-1) as BrokerOrder];
  const { order, before } = await goesOn(broker, last, sumOf(line.slice(0, -1)), signal);
  return { kind: 'order', order: counted(order, ledgerId(first), before), before };
}
