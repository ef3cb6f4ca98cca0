/** A tick of a hundred prices that moves no order. */
import { type Book, tickInPlace } from './book.ts';
import { compare, serverMicros } from './measure.ts';
import { judge, micros, type Target } from './report.ts';

const TICKS_PER_ROUND = 20;

/** Compares the server time of such a tick in a large book and in a small one. */
export async function tickGrowth(small: Book, large: Book, rounds: number): Promise<Target> {
  const tickServerMicros = (book: Book) =>
    serverMicros(book.ledger.redis, TICKS_PER_ROUND, async () => {
      for (let nth = 0; nth < TICKS_PER_ROUND; nth += 1) await tickInPlace(book, nth);
    });
  const { a, b, ratio } = await compare(
    rounds,
    () => tickServerMicros(large),
    () => tickServerMicros(small),
  );
  return judge('tick of 100 symbols, growth', ratio, 2.5, `${micros(a)} / ${micros(b)} of server time`);
}
