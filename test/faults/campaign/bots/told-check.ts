/** Did each order of the bots end where its bot was told? By the exchange's log. */
import { toNanos } from '../../../../src/domain/decimal.ts';
import type { FinalState } from '../../../../src/domain/order.ts';
import { CHANGED, type Lives } from '../lives.ts';
import type { ToldOrder } from './told.ts';

/** The ledger's words for how an order ended at the broker. */
const STATES: Readonly<Record<string, FinalState>> = {
  filled: 'filled',
  canceled: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};
/** How an order ends that the broker never had. */
const UNSENT: readonly FinalState[] = ['cancelled', 'rejected', 'expired'];

type Known = Pick<Lives, 'accepted' | 'live' | 'ends'>;

/**
 * In words; empty where all is as it was told.
 * @param wasLost the ledger was: it need not know any more how an order ended, or whose it is, and an order
 *   that was never sent may end once more and otherwise, as in an older copy its lease ran out
 */
export function toldWrong(orders: Iterable<ToldOrder>, lives: Known, wasLost = false): string[] {
  return [...orders].flatMap((order) => {
    if (wasLost && order.isForgotten && order.endings.length === 0) return [];
    const why = wrong(wasLost ? firstEnd(order, lives) : order, lives);
    return why === undefined ? [] : [`${order.id}: ${why}`];
  });
}

function firstEnd(order: ToldOrder, { accepted }: Known): ToldOrder {
  const isUnsent = !accepted.has(order.id) && order.endings.every(({ state }) => UNSENT.includes(state));
  return isUnsent ? { ...order, endings: order.endings.slice(0, 1) } : order;
}

function wrong({ id, isPlaced, isReplaced, never, endings }: ToldOrder, lives: Known): string | undefined {
  const [first] = endings;
  const other = endings.find(({ state }) => state !== first?.state);
  if (first && other) return `${first.by} said ${first.state}, ${other.by} said ${other.state}`;
  const isThere = lives.accepted.has(id);
  if (never !== '' && isThere) return `told "${never}", and the broker has had it`;
  if (isPlaced && !isThere) return 'told that it works, and the broker never had it';
  if (first === undefined && isReplaced) {
    const { status = 'live' } = lives.ends.get(id) ?? {};
    return status === 'replaced'
      ? undefined
      : `told that it was replaced, and the broker has it as ${status}`;
  }
  if (first === undefined)
    return isPlaced ? `told that it works, and never how it ended (${atBroker(id, lives).state})` : undefined;
  if (!isThere) return UNSENT.includes(first.state) ? undefined : `${first.by} said ${first.state}`;
  const { state, filledQty } = atBroker(id, lives);
  if (state !== first.state) return `${first.by} said ${first.state}, and the broker has it as ${state}`;
  const told = endings.find((one) => one.filledQty !== undefined);
  if (told?.filledQty === undefined || toNanos(told.filledQty) === toNanos(filledQty)) return undefined;
  return `${told.by} said that ${told.filledQty} filled, and it was ${filledQty}`;
}

/** Its end there; that of the order in its place, if a person had changed it. */
function atBroker(id: string, lives: Known): { state: string; filledQty: string } {
  const last = `${id}${CHANGED}`;
  const there = lives.accepted.has(last) ? last : id;
  const end = lives.ends.get(there);
  if (end === undefined) return { state: 'live', filledQty: '0' };
  const before = there === id ? undefined : lives.ends.get(id)?.filledQty;
  const filledQty = before === undefined ? end.filledQty : String(Number(before) + Number(end.filledQty));
  return { state: STATES[end.status] ?? end.status, filledQty };
}

/**
 * Orders of the bots that the broker has had, of which neither a bot nor a ledger was told: by id.
 * @param heardOf those of which the ledger has told something
 */
export function unknownToAll(
  orders: ReadonlyMap<string, ToldOrder>,
  bots: readonly string[],
  { accepted }: Pick<Lives, 'accepted'>,
  heardOf: ReadonlySet<string>,
): string[] {
  return [...accepted].filter(
    (id) =>
      bots.some((bot) => id.startsWith(`${bot}-`) || id.startsWith(`${bot}_`)) &&
      !heardOf.has(id) &&
      !orders.get(id)?.isPlaced &&
      !id.endsWith(CHANGED),
  );
}
