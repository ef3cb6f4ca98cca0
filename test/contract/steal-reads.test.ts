/** What a steal reads has a bound, however large the book is (docs/rules.md, "Choosing the set"). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  aWish,
  type Book,
  fill,
  forget,
  openBook,
  place,
  putInto,
  quote,
  setRoom,
} from '../../bench/book.ts';
import { remember } from '../../src/ledger/commands/remember.ts';
import { steal } from '../../src/ledger/commands/steal.ts';
import { counted as countedOn } from '../support/counted-commands.ts';
import { useRedis } from '../support/fixtures.ts';

const ORDERS = 1_500;

const redis = useRedis();
let book: Book;

beforeAll(async () => {
  book = await openBook(redis.url, 'steal-reads');
  await fill(book, ORDERS, () => {});
});
afterAll(() => book.ledger.close());

/** The steal's answer, and how many commands its script called. */
function counted(qty: string, pnl: string) {
  const wish = aWish(book, { qty, pnl });
  return countedOn(book.ledger.redis, () => steal(book.ledger, wish, 60_000, ''));
}

it.each([
  [1, '0.9', 47],
  [2, '1.9', 64],
  [3, '2.9', 80],
])('a steal of %i from 1,500 orders calls few commands', async (victims, qty, most) => {
  await putInto(book, 'far');
  await setRoom(book, 0);
  const { answer, commands } = await counted(qty, '1000');
  expect(answer.outcome).toBe('stolen');
  expect(answer).toMatchObject({ victims: { length: victims } });
  expect(commands).toBeLessThanOrEqual(most);
});

it('a thief too large for any set reads no more than 64 orders need', async () => {
  await putInto(book, 'far');
  await setRoom(book, 0);
  const { answer, commands } = await counted('40', '1000');
  expect(answer).toMatchObject({ outcome: 'too_many_victims' });
  expect(commands).toBeLessThanOrEqual(290);
});

it('a thief that would fight with every symbol passes over 256 of them and no more', async () => {
  const symbols = Array.from({ length: 300 }, (_, at) => `F${at}`);
  await putInto(book, 'near');
  await quote(book, symbols, '102');
  await setRoom(book, 300_000_000);
  await place(
    book,
    symbols.map((symbol) => aWish(book, { symbol, limit: '1', qty: '1', pnl: '0' })),
  );
  await setRoom(book, 0);
  await forget(book);
  for (const [nth, minutes] of [25, 20].entries()) {
    await Promise.all(
      symbols.map((victimSymbol) =>
        remember(book.ledger, {
          id: `past-${nth}-${victimSymbol}`,
          thiefSymbol: 'THIEF',
          victimSymbol,
          atMs: book.nowMs - minutes * 60_000,
        }),
      ),
    );
  }
  const { answer, commands } = await counted('1', '1000');
  expect(answer.outcome).toBe('fighting');
  expect(commands).toBeLessThanOrEqual(256 * 18);
  const rest = await counted('0.001', '1000');
  expect(rest.answer.outcome, 'the next one finds the rest').toBe('fighting');
});
