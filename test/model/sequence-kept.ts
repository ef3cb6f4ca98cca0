/** What a steal's best victim keeps, in the model of a sequence (docs/rules.md, 9.8). */
import { fromNanos } from '../../src/domain/decimal.ts';
import { isBoughtWithCash, nanos, notional } from './book.ts';
import {
  cashRoomOf,
  type Held,
  type Model,
  type ModelOrder,
  type ModelSteal,
  min,
  needsCash,
  roomOf,
} from './sequence-book.ts';
import { judgeAgain } from './sequence-watches.ts';

/** Of the victim's quantity. */
export const PARTIAL_MIN = '0.1';

/** May the order's plan go on with a smaller one? */
export function mayKeep({ wish, filled }: Pick<ModelOrder, 'wish' | 'filled'>): boolean {
  return wish.plan !== undefined && filled === 0n;
}

/** A victim ended and freed this; after the last one the best reserves its part, of what there is then. */
export function keepPart(
  model: Model,
  steal: ModelSteal,
  victim: ModelOrder,
  freed: Held,
  thiefPool: string | undefined,
): void {
  const best = steal.keeps === null ? undefined : model.orders.get(steal.keeps);
  if (best === undefined) return;
  const { pool } = best.wish;
  steal.freed.total += freed.total;
  if (pool !== undefined && victim.wish.pool === pool) steal.freed.own += freed.own;
  steal.freed.cash += freed.cash;
  if (steal.left > 0 || steal.state !== 'granted' || best.state !== 'cancelled' || !mayKeep(best)) return;
  let spare = min(roomOf(model, 'total'), steal.freed.total - steal.lack.total);
  if (pool !== undefined) {
    const lack = thiefPool === pool ? steal.lack.own : 0n;
    spare = min(spare, min(roomOf(model, pool), steal.freed.own - lack));
  }
  if (needsCash(best.wish)) {
    const left = steal.freed.cash - steal.lack.cash;
    spare = min(spare, min(cashRoomOf(model) ?? left, left));
  }
  reservePart(model, best, partOf(best, spare), steal.leaseMs);
  judgeAgain(model, best.robbedBy);
}

/** Nanos of a unit that so many micro-USD buy of it; 0: nothing is kept. */
function partOf({ wish, price }: ModelOrder, spare: bigint): bigint {
  const all = nanos(wish.qty);
  const step = isBoughtWithCash(wish.symbol, 'buy') || all % 10n ** 9n !== 0n ? 1n : 10n ** 9n;
  const bought = spare <= 0n ? 0n : (spare * 10n ** 12n) / price;
  const part = min(bought - (bought % step), all - (all % step) - step);
  return part <= 0n || part * 10n ** 9n < all * nanos(PARTIAL_MIN) ? 0n : part;
}

function reservePart(model: Model, best: ModelOrder, part: bigint, leaseMs: number): void {
  if (part === 0n) return;
  const { wish, price } = best;
  const [, series, attempt] = /^(.*_)(\d+)$/.exec(wish.id) ?? [];
  const id = `${series}${Number(attempt) + 1}`;
  const held = notional(price, part);
  const pnl = floor(nanos(wish.pnl) * part, nanos(wish.qty));
  model.orders.set(id, {
    ...best,
    wish: { ...wish, id, qty: fromNanos(part), pnl: fromNanos(pnl) },
    state: 'reserved',
    held,
    heldPool: wish.pool === undefined ? 0n : held,
    heldCash: needsCash(wish) ? held : 0n,
    need: held,
    createdMs: model.nowMs,
    ...{ sent: false, sentMs: 0, leaseUntilMs: model.healthMs + leaseMs, leaseMs },
    ...{ keptOf: wish.id, robbedBy: null, amended: 0, thief: false, cancelAsked: false, endedMs: 0 },
  });
}

function floor(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
