/** Admissions as the measures make them: of wishes that fit, and are given back unmeasured. */
import { assert } from '../src/domain/errors.ts';
import { notionalMicros } from '../src/domain/money.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { admit } from '../src/ledger/commands/admit.ts';
import { release } from '../src/ledger/commands/release.ts';
import { wishArguments } from '../src/ledger/commands/wish.ts';
import { aWish, type Book, LEASE_MS } from './book.ts';
import { noop } from './noop.ts';

/** Room for ten thousand of them. */
export const ROOM = notionalMicros('100', '10000');

export function wishesOf(book: Book, count: number): OrderWish[] {
  return Array.from({ length: count }, () => aWish(book, {}));
}

/** Admits a wish and asserts its outcome. */
export async function admitAs(
  outcome: 'fits' | 'blocked',
  { ledger }: Pick<Book, 'ledger'>,
  wish: OrderWish,
): Promise<void> {
  const admission = await admit(ledger, wish, LEASE_MS);
  assert(admission.outcome === outcome, `an admission answered ${admission.outcome}, not ${outcome}`);
}

export async function giveBack({ ledger }: Book, wishes: readonly OrderWish[]): Promise<void> {
  await Promise.all(wishes.map(({ id }) => release(ledger, id, 'bench')));
}

/** A script that does nothing, called with the arguments of an admission. */
export async function noopOf(book: Book): Promise<() => Promise<unknown>> {
  const nothing = noop(book.ledger.redis);
  const args = [...wishArguments(aWish(book, {}), LEASE_MS, await book.ledger.serverId()), '', ''];
  return () => nothing(args);
}
