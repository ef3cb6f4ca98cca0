/** What the best victim keeps of what is not needed (docs/rules.md, 9.8). */
import type { Book, BookOrder, Thief } from './book.ts';
import type { KernelRules } from './rules.ts';

export type KeptPart = {
  readonly order: BookOrder;
  /** Nanos of a unit. */
  readonly qty: bigint;
  /** Micro-USD that it holds: its notional, rounded up. */
  readonly held: bigint;
};

/** @param victims worst first. Undefined where nothing is kept. */
export function keptOf(
  victims: readonly BookOrder[],
  thief: Thief,
  book: Book,
  rules: KernelRules,
): KeptPart | undefined {
  const order = victims.at(-1);
  if (rules.partialMin < 0 || order?.divisible === undefined) return undefined;
  const { qty, step } = order.divisible;
  const limit = BigInt(order.limit);
  const affordable = (BigInt(spareOf(order, victims, thief, book)) * 10n ** 12n) / limit;
  const most = qty - (qty % step) - step;
  const least = affordable < most ? affordable : most;
  const kept = least - (least % step);
  if (kept <= 0n || kept * 10n ** 9n < qty * BigInt(rules.partialMin)) return undefined;
  const exact = limit * kept;
  const held = exact / 10n ** 12n + (exact % 10n ** 12n === 0n ? 0n : 1n);
  return { order, qty: kept, held };
}

/** The least that is left of any pool in which the order counts, once the thief has its own. */
function spareOf(order: BookOrder, victims: readonly BookOrder[], thief: Thief, book: Book): number {
  let least = Infinity;
  for (let pool = 0; pool < book.caps.length; pool++) {
    const bit = 1 << pool;
    if ((order.pools & bit) === 0) continue;
    let spare = (book.caps[pool] ?? 0) - (book.used[pool] ?? 0);
    for (const victim of victims) if ((victim.pools & bit) !== 0) spare += victim.held;
    if ((thief.pools & bit) !== 0) spare -= thief.need;
    least = Math.min(least, spare);
  }
  return least;
}
