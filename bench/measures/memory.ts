/** What an open order needs of Redis' memory, all of its keys and indexes together. */
import { infoField } from '../../src/redis/advice.ts';
import { fill, openBook, putInto } from '../book.ts';
import type { Measure } from '../measure-type.ts';
import { judge } from '../report.ts';

const FIRST = 1_000;

export const memory: Measure = {
  name: 'memory',
  isQuick: false,
  async run({ url, isQuick }) {
    const orders = isQuick ? 20_000 : 100_000;
    const book = await openBook(url, 'memory');
    const { redis } = book.ledger;
    const used = async (): Promise<number> =>
      Number(infoField(await redis.info('memory'), 'used_memory_dataset'));
    await fill(book, FIRST, () => {});
    await putInto(book, 'far');
    // The stream of events is bounded, and is none of an order's.
    await redis.del(`ws:{${book.ledger.account}}:events`);
    const before = await used();
    await fill(book, orders, () => {});
    await redis.del(`ws:{${book.ledger.account}}:events`);
    const bytes = ((await used()) - before) / (orders - FIRST);
    await book.ledger.close();
    const goal = { name: `memory of an open order, ${orders} orders`, unit: 'B', target: 750 };
    return [judge(goal, bytes, 'all keys, the events apart')];
  },
};
