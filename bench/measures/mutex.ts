/** What the mutex costs a busy process: its steals a second with the mutex, as a share of those without. */
import { fill, openBook, putInto, setRoom } from '../book.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { queued, stealRate, unqueued, WATCHERS } from '../queued-steals.ts';
import { judge } from '../report.ts';

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
      () => stealRate(book, queued, STEALS),
      () => stealRate(book, unqueued, STEALS),
    );
    await book.ledger.close();
    const measured = `${a.toFixed(0)} / ${b.toFixed(0)} steals/s`;
    const name = `${WATCHERS} thieves of a process, with the mutex / without`;
    return [judge({ name, target: 0.9, bound: 'least' }, ratio, measured)];
  },
};
