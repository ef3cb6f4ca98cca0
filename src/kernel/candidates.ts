/** Which orders this thief may take, and which of them ranks worst (docs/rules.md, 5 and 7). */
import type { Book, BookOrder, Thief } from './book.ts';
import { compareDistance, isWithin } from './distance.ts';
import type { KernelRules } from './rules.ts';
import { worthOf } from './worth.ts';

/**
 * Rules 5.1 to 5.5 and 5.7 to 5.9; whether a steal would be a fight (5.6) is left to the walk. `required`:
 * the mask of the pool that a victim must free.
 */
export function mayBeVictim(
  order: BookOrder,
  thief: Thief,
  book: Book,
  { residencyMs }: KernelRules,
  required: number,
  nowMs: number,
): boolean {
  return (
    order.takeable &&
    (order.pools & required) !== 0 &&
    order.symbol !== thief.symbol &&
    order.price > 0 &&
    !isWithin(order.side, order.price, order.protection) &&
    nowMs - order.placedAtMs >= residencyMs &&
    !book.history.protects(order.symbol, nowMs) &&
    !book.history.tookFrom(order.symbol, thief.symbol, nowMs)
  );
}

/** Those that may be victims, worst first, each with its `worth` of now. */
export function candidatesOf(
  thief: Thief,
  book: Book,
  rules: KernelRules,
  required: number,
  nowMs: number,
): BookOrder[] {
  const found: BookOrder[] = [];
  for (const order of book.orders) {
    if (!mayBeVictim(order, thief, book, rules, required, nowMs)) continue;
    order.worth = worthOf(order.pnl, nowMs - order.placedAtMs, rules.halfLifeMs);
    found.push(order);
  }
  if (found.length > 1) found.sort(RANKINGS[rules.ranking]);
  return found;
}

function byWorth(a: BookOrder, b: BookOrder): number {
  return a.worth - b.worth || a.placedAtMs - b.placedAtMs || a.tie - b.tie;
}

const RANKINGS = {
  pnl: byWorth,
  distance: (a: BookOrder, b: BookOrder): number => compareDistance(b, a) || byWorth(a, b),
  lot: (a: BookOrder, b: BookOrder): number => a.lot - b.lot || byWorth(a, b),
};
