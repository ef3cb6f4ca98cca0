/** Plans that lack room: filed, held by one host, refused, and in the queue for room. */
import { assert } from '../src/domain/errors.ts';
import { claimPlans } from '../src/ledger/commands/plans.ts';
import { steal } from '../src/ledger/commands/steal.ts';
import { aWish, type Book, LEASE_MS, SYMBOLS } from './book.ts';
import { perSecond } from './measure.ts';
import { aPlan, filePlans } from './plans.ts';

const HOST = 'bench';
const WIDTH = 64;
const CLAIMED_AT_ONCE = 500;

/** The id of the nth plan, from 0. */
export function planId(nth: number): string {
  return `plan${nth}`;
}

/**
 * Files so many plans, spread over the book's symbols, and lets each be refused once: each is worth less than
 * any order of the book. The book must have no room, and prices.
 */
export async function refusePlans(book: Book, count: number): Promise<void> {
  const { ledger } = book;
  const plans = Array.from({ length: count }, (_, nth) =>
    aPlan(planId(nth), SYMBOLS[nth % SYMBOLS.length] ?? '', {
      limit: '101.9',
      pnl: String(-1_000 - (nth % 997)),
    }),
  );
  await filePlans(book, plans);
  let held = 0;
  for (let claims = 0; claims <= count / CLAIMED_AT_ONCE; claims += 1)
    held += (await claimPlans(ledger, HOST, LEASE_MS, CLAIMED_AT_ONCE)).length;
  assert(held === count, `${held} of ${count} plans were claimed`);
  await perSecond(plans, WIDTH, async ({ id, symbol, limit, qty, pnl }) => {
    const wish = aWish(book, { id: `${id}_1`, plan: id, symbol, limit, qty, pnl, owner: HOST });
    const { outcome } = await steal(ledger, wish, LEASE_MS, '');
    assert(outcome === 'pnl_not_better', `the steal of a plan answered ${outcome}`);
  });
}
