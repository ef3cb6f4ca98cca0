/** The wait for an admission that fits, one at a time, above the wait for a script that does nothing. */
import { admitAs, giveBack, noopOf, ROOM, wishesOf } from '../admissions.ts';
import { putInto, setRoom } from '../book.ts';
import { compare, serialMicros } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros } from '../report.ts';

const CALLS = 200;

export const admitSerial: Measure = {
  name: 'admit-serial',
  isQuick: true,
  async run({ small, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    await setRoom(book, ROOM);
    const nothing = await noopOf(book);
    const { a, b, difference } = await compare(
      rounds,
      async () => {
        const wishes = wishesOf(book, CALLS);
        const p50 = await serialMicros(wishes, (wish) => admitAs('fits', book, wish));
        await giveBack(book, wishes);
        return p50;
      },
      () => serialMicros(Array.from({ length: CALLS }), nothing),
    );
    const goal = { name: "admit, serial p50 less a no-op's", unit: 'us', target: 24 };
    return [judge(goal, difference, `${micros(a)} - ${micros(b)}`)];
  },
};
