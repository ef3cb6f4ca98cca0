/** What the measures share: a Redis of their own, its books, and how long they may take. */

import { infoField } from '../src/redis/advice.ts';
import { type OpenRedis, openRedis } from '../src/redis/open.ts';
import { type Book, fill, openBook } from './book.ts';
import { pin } from './cores.ts';

/** `orders`: how many open orders the small and the large book have. */
export type Stage = {
  url: string;
  rounds: number;
  isQuick: boolean;
  pinned: boolean;
  /** A hundred open orders; opened when it is first asked for. */
  small: () => Promise<Book>;
  /** `largeOrders` open orders. */
  large: () => Promise<Book>;
  largeOrders: number;
  /** Tells people how far it is. */
  tell: (text: string) => void;
  close: () => Promise<void>;
};

const SMALL = 100;

/** Always an embedded server: the load of others on a shared one would be measured, too. */
export async function openStage(
  isQuick: boolean,
  isPinned: boolean,
  tell: (text: string) => void,
): Promise<Stage> {
  const redis: OpenRedis = await openRedis({
    env: { ...process.env, REDIS_URL: undefined },
    log: { info: tell, warn: tell },
  });
  const largeOrders = isQuick ? 10_000 : 1_000_000;
  const books: Book[] = [];
  const once = (account: string, orders: number): (() => Promise<Book>) => {
    let book: Promise<Book> | undefined;
    return () => {
      book ??= openBook(redis.url, account).then(async (opened) => {
        books.push(opened);
        const step = Math.max(20_000, orders / 10);
        await fill(opened, orders, (done) => {
          if (done % step === 0) tell(`${done} of ${orders} open orders`);
        });
        return opened;
      });
      return book;
    };
  };
  const small = once('small', SMALL);
  const { ledger } = await small();
  const server = Number(infoField(await ledger.redis.info('server'), 'process_id'));
  const pinned = isPinned && pin(server, 0) && pin(process.pid, 1);
  return {
    url: redis.url,
    rounds: isQuick ? 7 : 15,
    isQuick,
    pinned,
    small,
    large: once('large', largeOrders),
    largeOrders,
    tell,
    async close() {
      for (const book of books) await book.ledger.close();
      await redis.close();
    },
  };
}
