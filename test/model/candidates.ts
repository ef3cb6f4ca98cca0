/** Which orders can be victims of this thief, and which ranks worst (docs/rules.md, 5 and 7). */
import { type Book, nanos, type Order, type Steal, seconds } from './book.ts';

/** Why an order is left alone, in the order in which the reasons are looked for. */
export const PASSED_OVER = [
  'not_working',
  'not_entry',
  'probe',
  'vip',
  'young',
  'no_price',
  'protected',
  'cooldown',
  'in_fight',
  'often_robbed',
  'own_symbol',
  'stealing_back',
  'frees_nothing',
  'fighting',
] as const;
export type PassedOver = (typeof PASSED_OVER)[number];

/** How far the price is from the limit, as numerator over the limit; 0 when the price is through it. */
export function away(order: Order, price: bigint): bigint {
  const far = order.side === 'buy' ? price - order.limit : order.limit - price;
  return far > 0n ? far : 0n;
}

/** Is the order at most `share` (a setting's decimal) from its limit? */
export function within(order: Order, price: bigint, share: string): boolean {
  return away(order, price) * 10n ** 9n <= nanos(share) * order.limit;
}

/**
 * The first reason why this thief may not rob this order, or null when it may. `lacking`: the pools without
 * room.
 */
export function passedOver(order: Order, thief: Order, book: Book, lacking: string[]): PassedOver | null {
  if (order.state !== 'working') return 'not_working';
  if (order.kind !== 'entry') return 'not_entry';
  if (order.mode === 'probe') return 'probe';
  if (book.vips.includes(order.symbol)) return 'vip';
  if (book.nowMs - order.placedAtMs < seconds(book.setting('WORK_STEALING_MIN_RESIDENCY'))) return 'young';
  if (order.price === null) return 'no_price';
  if (within(order, order.price, book.setting('WORK_STEALING_PROTECTION'))) return 'protected';

  const cooldownMs = seconds(book.setting('WORK_STEALING_COOLDOWN'));
  const cooling = book.history.filter((steal) => book.nowMs - steal.atMs < cooldownMs);
  if (cooling.some((steal) => steal.from === order.symbol)) return 'cooldown';
  if (fightersNow(book).includes(order.symbol)) return 'in_fight';
  if (isOftenRobbed(order.symbol, book)) return 'often_robbed';
  if (order.symbol === thief.symbol) return 'own_symbol';
  if (cooling.some((steal) => steal.from === thief.symbol && steal.to === order.symbol))
    return 'stealing_back';
  const own = lacking.find((pool) => pool !== 'total' && pool !== 'cash');
  if (
    !lacking.includes('total') &&
    (own === undefined ? lacking.includes('cash') && !order.cash : order.pool !== own)
  )
    return 'frees_nothing';
  if (wouldFight(order.symbol, thief.symbol, book)) return 'fighting';
  return null;
}

/** Was the symbol stolen from as often as it may be? A steal exactly as old as the window counts. */
function isOftenRobbed(symbol: string, book: Book): boolean {
  const most = Number(book.setting('WORK_STEALING_MAX_ROBBED'));
  const windowMs = seconds(book.setting('WORK_STEALING_ROBBED_WINDOW'));
  const steals = book.history.filter(({ from, atMs }) => from === symbol && book.nowMs - atMs <= windowMs);
  return most > 0 && steals.length >= most;
}

/** Would one more steal between the two, now, be the one that makes a fight? */
function wouldFight(one: string, other: string, book: Book): boolean {
  return (
    stealsUpTo(book.nowMs, one, other, book).length + 1 >=
    Number(book.setting('WORK_STEALING_FIGHT_THRESHOLD'))
  );
}

/** The symbols in the extended cooldown of a fight that a steal on record completed. */
function fightersNow(book: Book): string[] {
  const threshold = Number(book.setting('WORK_STEALING_FIGHT_THRESHOLD'));
  const cooldownMs = seconds(book.setting('WORK_STEALING_FIGHT_COOLDOWN'));
  return book.history
    .filter((steal) => stealsUpTo(steal.atMs, steal.from, steal.to, book).length >= threshold)
    .filter((steal) => book.nowMs - steal.atMs < cooldownMs)
    .flatMap((steal) => [steal.from, steal.to]);
}

/** The steals between the two, both ways, in the window that ends at `atMs`; both its edges count. */
function stealsUpTo(atMs: number, one: string, other: string, book: Book): Steal[] {
  const windowMs = seconds(book.setting('WORK_STEALING_FIGHT_WINDOW'));
  return book.history
    .filter(({ from, to }) => (from === one && to === other) || (from === other && to === one))
    .filter((steal) => steal.atMs <= atMs && atMs - steal.atMs <= windowMs);
}

/** Worst first. A candidate always has a price. */
export function ranked(candidates: Order[], policy: Book['policy']): Order[] {
  return candidates.toSorted(
    (a, b) => (policy === 'distance' ? byDistance(a, b) : 0) || compare(a.pnl, b.pnl) || byAge(a, b),
  );
}

function byDistance(a: Order, b: Order): number {
  return compare(away(b, b.price ?? 0n) * a.limit, away(a, a.price ?? 0n) * b.limit);
}

function byAge(a: Order, b: Order): number {
  return compare(a.placedAtMs, b.placedAtMs) || compare(a.id, b.id);
}

function compare<T extends bigint | number | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
