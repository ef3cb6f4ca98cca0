/** What the mutex costs a busy process: its steals a second with the mutex, as a share of those without. */
import { steal } from '../../src/ledger/commands/steal.ts';
import { aWish, fill, LEASE_MS, openBook, putInto, setRoom } from '../book.ts';
import { compare, perSecond } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { queuedRate, WATCHERS } from '../queued-steals.ts';
import { judge } from '../report.ts';
import { type Steal, undoAll } from '../steals.ts';

const ORDERS = 1_000;
const STEALS = 256;

export const mutex: Measure = {
  name: 'mutex',
  isQuick: false,
  async run({ url, rounds }) {
    const book = await openBook(url, 'mutex');
    await fill(book, ORDERS, () => {});
    await putInto(book, 'far');
    await setRoom(book, 0);
    const { a, b, ratio } = await compare(
      rounds,
      () => queuedRate(book, STEALS),
      async () => {
        const done: Steal[] = [];
        const wishes = Array.from({ length: STEALS }, () => aWish(book, { qty: '0.9', pnl: '1000' }));
        const rate = await perSecond(wishes, WATCHERS, async (wish) => {
          const answer = await steal(book.ledger, wish, LEASE_MS, '', '');
          done.push({ thief: wish.id, victims: answer.outcome === 'stolen' ? answer.victims : [] });
        });
        await undoAll(book, done);
        return rate;
      },
    );
    await book.ledger.close();
    const measured = `${a.toFixed(0)} / ${b.toFixed(0)} steals/s`;
    const name = `${WATCHERS} thieves of a process, with the mutex / without`;
    return [judge({ name, target: 0.9, bound: 'least' }, ratio, measured)];
  },
};
