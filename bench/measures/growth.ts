/** The server time of each command in a large book, as a multiple of that in a book of a hundred orders. */

import { notionalMicros } from '../../src/domain/money.ts';
import { admitAs, giveBack, ROOM, wishesOf } from '../admissions.ts';
import { type Book, putInto, STATES, setRoom } from '../book.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { serverMicros } from '../server-time.ts';
import { LONE, stealFromMany, stealInVain, stealTheOnlyOne } from '../steals.ts';
import { STILL, tickMicros } from './tick.ts';

const CALLS = 100;

async function admitMicros(book: Book): Promise<number> {
  const wishes = wishesOf(book, CALLS);
  const each = await serverMicros(book.ledger.redis, CALLS, () =>
    Promise.all(wishes.map((wish) => admitAs('fits', book, wish))),
  );
  await giveBack(book, wishes);
  return each;
}

/** One command on two books, and the ratio that it is to keep. */
export type Growth = { what: string; target: number; room: number; round: (book: Book) => Promise<number> };

export const ADMIT: Growth = { what: 'admit', target: 1.15, room: ROOM, round: admitMicros };
export const ALL_FAR: readonly Growth[] = [
  ADMIT,
  { what: 'steal of 1', target: 1.15, room: 0, round: (book) => stealFromMany(book, 1) },
  { what: 'steal of 3', target: 1.5, room: 0, round: (book) => stealFromMany(book, 3) },
  { what: 'refused steal', target: 1.1, room: 0, round: (book) => stealInVain(book) },
  { what: 'tick', target: 1.2, room: 0, round: (book) => tickMicros(book, STILL) },
];
export const ALL_BUT_ONE: readonly Growth[] = [
  ADMIT,
  {
    what: 'steal of the only one',
    target: 1.15,
    room: notionalMicros(LONE.limit, LONE.qty),
    round: stealTheOnlyOne,
  },
];

/** Of the rules that are on by default. */
const PLAIN = ['far', 'near', 'cooling', 'stale', 'fighting'] as const;

export const growth: Measure = {
  name: 'growth',
  isQuick: true,
  isGuarded: true,
  async run({ small, large, largeOrders, rounds, isQuick }) {
    const books = [await small(), await large()] as const;
    const targets: Target[] = [];
    for (const state of isQuick ? (['far'] as const) : PLAIN) {
      for (const book of books) await putInto(book, state);
      const some = state === 'far' ? ALL_FAR : ALL_BUT_ONE;
      targets.push(...(await grown(some, books, rounds, `100 -> ${largeOrders} orders, ${STATES[state]}`)));
    }
    return targets;
  },
};

/** Each command's time in the second book, as a multiple of that in the first. */
export async function grown(
  some: readonly Growth[],
  books: readonly [Book, Book],
  rounds: number,
  where: string,
): Promise<Target[]> {
  const targets: Target[] = [];
  const [of100, ofMany] = books;
  for (const { what, target, room, round } of some) {
    for (const book of books) await setRoom(book, room);
    const { a, b, ratio } = await compare(
      rounds,
      () => round(ofMany),
      () => round(of100),
    );
    targets.push(judge({ name: `${what}, ${where}`, target }, ratio, `${micros(a)} / ${micros(b)}`));
  }
  return targets;
}
