/**
 * What steals came to, in the model of a sequence (docs/rules.md, 9.9): each steal is judged from its own
 * record whenever a limit trades or an order fills, and the sums are added up anew each time.
 */
import { fromNanos } from '../../src/domain/decimal.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import { nanos } from './book.ts';

export const REGRET_MS = 150_000;

/** What is asked of an order, and of the model. */
type Filled = { wish: OrderWish; filled: bigint; keptOf?: string };
type Robbable = Filled & { held: bigint; thief: boolean; robbedBy: string | null };
type WatchedBook = { nowMs: number; orders: ReadonlyMap<string, Filled>; watches: ModelWatch[] };

type Victim = {
  wish: OrderWish;
  held: bigint;
  traded: boolean;
  /** Another order of its plan was taken since. */
  isTakenOver: boolean;
  /** Nanos of a unit that its plan bought since. */
  back: bigint;
};

/** `amounts`: regret and gain in nanos, by victim. */
export type ModelWatch = {
  id: string;
  thief: string;
  untilMs: number;
  victims: Victim[];
  amounts: [regret: bigint, gain: bigint][];
  isOver: boolean;
};

const isOn = (model: WatchedBook, { untilMs, isOver }: ModelWatch): boolean =>
  !isOver && model.nowMs <= untilMs;

/** The victims are still as they were before the steal. */
export function watch(model: WatchedBook, thief: OrderWish, victims: readonly Robbable[]): void {
  for (const { wish } of victims)
    for (const earlier of model.watches.flatMap((one) => one.victims))
      if (wish.plan !== undefined && earlier.wish.plan === wish.plan) earlier.isTakenOver = true;
  model.watches.push({
    ...{ id: thief.id, thief: thief.symbol, untilMs: model.nowMs + REGRET_MS, isOver: false },
    victims: victims.map(({ wish, held }) => ({
      ...{ wish: { ...wish }, held, traded: false, isTakenOver: false, back: 0n },
    })),
    amounts: victims.map(() => [0n, 0n]),
  });
}

/** A quote of a symbol: which limits trade at it? */
export function quoted(model: WatchedBook, symbol: string, price: string): void {
  for (const one of model.watches.filter((each) => isOn(model, each))) {
    const now = one.victims.filter(({ wish, traded, isTakenOver }) => {
      const isThrough =
        wish.side === 'buy' ? nanos(price) <= nanos(wish.limit) : nanos(price) >= nanos(wish.limit);
      return wish.symbol === symbol && isThrough && !traded && !isTakenOver;
    });
    for (const victim of now) victim.traded = true;
    if (now.length > 0) judge(model, one);
  }
}

/** An entry filled so much more. */
export function bought(
  model: WatchedBook,
  { wish, thief, robbedBy, keptOf }: Omit<Robbable, 'held'>,
  more: bigint,
): void {
  const on = model.watches.filter((each) => isOn(model, each));
  const of = (id: string | null): ModelWatch | undefined => on.find((one) => one.id === id);
  const latest = model.watches.findLast(({ victims, isOver }) =>
    victims.some((victim) => !isOver && wish.plan !== undefined && victim.wish.plan === wish.plan),
  );
  if (robbedBy === null && latest !== undefined && isOn(model, latest)) {
    const victim = latest.victims.findLast((one) => one.wish.plan === wish.plan);
    // What was kept was never given up.
    if (victim !== undefined && keptOf !== victim.wish.id) victim.back += more;
    judge(model, latest);
  }
  for (const one of [thief ? of(wish.id) : undefined, of(robbedBy)]) if (one !== undefined) judge(model, one);
}

/** A victim's part was reserved. */
export function judgeAgain(model: WatchedBook, id: string | null): void {
  const one = model.watches.find((each) => each.id === id && isOn(model, each));
  if (one !== undefined) judge(model, one);
}

function judge(model: WatchedBook, one: ModelWatch): void {
  const thief = model.orders.get(one.id);
  if (thief === undefined) return;
  const qty = nanos(thief.wish.qty);
  const gain = floor(nanos(thief.wish.pnl ?? '0') * (thief.filled < qty ? thief.filled : qty), qty);
  const held = one.victims.reduce((sum, victim) => sum + victim.held, 0n);
  let left = gain;
  one.amounts = one.victims.map((victim, at) => {
    const order = model.orders.get(victim.wish.id) as Filled;
    const part = [...model.orders.values()].find(({ keptOf }) => keptOf === victim.wish.id);
    const missed =
      nanos(order.wish.qty) - order.filled - victim.back - (part === undefined ? 0n : nanos(part.wish.qty));
    const regret =
      victim.traded && missed > 0n
        ? floor(nanos(victim.wish.pnl ?? '0') * missed, nanos(order.wish.qty))
        : 0n;
    const ofGain = at === one.victims.length - 1 ? left : floor(gain * victim.held, held);
    left -= ofGain;
    return [regret, ofGain];
  });
}

/** Watches end, and what they found is forgotten when it is as old as history may be. */
export function sweepWatches(model: WatchedBook, historyMs: number): void {
  for (const one of model.watches) one.isOver ||= one.untilMs < model.nowMs;
  model.watches = model.watches.filter(({ untilMs }) => untilMs >= model.nowMs - historyMs);
}

/** The sums as the ledger keeps them: `account`, `pair A>B` -> `regret gain`. */
export function regretsOf(model: WatchedBook): Record<string, string> {
  const sums = new Map<string, [bigint, bigint]>();
  for (const { thief, victims, amounts } of model.watches)
    for (const [at, victim] of victims.entries())
      for (const field of ['account', `pair ${thief}>${victim.wish.symbol}`]) {
        const [regret, gain] = sums.get(field) ?? [0n, 0n];
        const [more, moreGain] = amounts[at] ?? [0n, 0n];
        sums.set(field, [regret + more, gain + moreGain]);
      }
  const told = [...sums].filter(([, [regret, gain]]) => regret !== 0n || gain !== 0n);
  return Object.fromEntries(
    told.map(([field, [regret, gain]]) => [field, `${fromNanos(regret)} ${fromNanos(gain)}`]),
  );
}

/** Rounded down, also below 0. */
function floor(a: bigint, b: bigint): bigint {
  return a / b - (a % b < 0n ? 1n : 0n);
}
