/** `orders N` of a large book costs about N orders, not the whole book. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Book, fill, openBook, putInto } from '../../bench/book.ts';
import { type Question, readValues, type Values } from '../../src/inspection/reading.ts';
import { useRedis } from '../support/fixtures.ts';

const ORDERS = 1_500;
const SHOWN = 20;

const redis = useRedis();
let book: Book;

beforeAll(async () => {
  book = await openBook(redis.url, 'large-book');
  await fill(book, ORDERS, () => {});
  await putInto(book, 'far');
});
afterAll(() => book.ledger.close());

const ask = (...words: string[]): Promise<Values> =>
  readValues(book.ledger, { script: 'orders', words } satisfies Question);

type Row = { id: string; pnl: string };

it(`reads at most ${5 * SHOWN} of ${ORDERS} orders to show ${SHOWN}, and these are the worst`, async () => {
  const { orders: all } = (await ask('1000')) as { orders: Row[] };
  await book.ledger.redis.config('RESETSTAT');
  const { orders, more } = (await ask(`${SHOWN}`)) as { orders: Row[]; more: number };
  const stats = await book.ledger.redis.info('commandstats');
  const calls = (command: string): number =>
    Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  expect(calls('hmget') + calls('hgetall')).toBeLessThan(5 * SHOWN);
  expect(orders.map(({ id }) => id)).toEqual(all.slice(0, SHOWN).map(({ id }) => id));
  expect(more).toBe(ORDERS - SHOWN);
});

it('shows the same row for an order that is named', async () => {
  const { orders } = (await ask('5')) as { orders: Row[] };
  const named = (await ask(...orders.map(({ id }) => `id:${id}`))) as { orders: Row[]; more: number };
  expect(named).toEqual({ orders, more: 0 });
});

it('protected orders fill the list where too few may be taken', async () => {
  await putInto(book, 'near');
  const { orders } = (await ask(`${SHOWN}`)) as { orders: Row[] };
  expect(orders).toHaveLength(SHOWN);
});
