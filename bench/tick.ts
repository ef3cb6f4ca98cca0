/** A batch of a hundred prices that moves no order across its boundary. */
import { type Book, tickInPlace } from './book.ts';
import { compare, serverMicros } from './measure.ts';
import { judge, micros, type Target } from './report.ts';

const A_ROUND = 20;

/** Server time of such a tick over a large book against a small one. */
export async function tickGrowth(small: Book, large: Book, rounds: number): Promise<Target> {
  const tickServerMicros = (book: Book) =>
    serverMicros(book.ledger.redis, A_ROUND, async () => {
      for (let nth = 0; nth < A_ROUND; nth += 1) await tickInPlace(book, nth);
    });
  const { a, b, ratio } = await compare(
    rounds,
    () => tickServerMicros(large),
    () => tickServerMicros(small),
  );
  return judge('tick of 100 symbols, growth', ratio, 2.5, `${micros(a)} / ${micros(b)} of server time`);
}
