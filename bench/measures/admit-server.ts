/** What Redis spends on an admission that fits: by its own clock, and of its processor above a no-op's. */
import { admitAs, giveBack, noopOf, ROOM, wishesOf } from '../admissions.ts';
import { putInto, setRoom } from '../book.ts';
import { compare, repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros } from '../report.ts';
import { cpuPerCall, serverMicros } from '../server-time.ts';

const CALLS = 300;

export const admitServer: Measure = {
  name: 'admit-server',
  isQuick: true,
  async run({ small, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    await setRoom(book, ROOM);
    const { redis } = book.ledger;
    const nothing = await noopOf(book);
    const admissions = async (measure: typeof serverMicros): Promise<number> => {
      const wishes = wishesOf(book, CALLS);
      const each = await measure(redis, CALLS, () =>
        Promise.all(wishes.map((wish) => admitAs('fits', book, wish))),
      );
      await giveBack(book, wishes);
      return each;
    };
    const clock = await repeat(rounds, () => admissions(serverMicros));
    const { a, b, difference } = await compare(
      rounds,
      () => admissions(cpuPerCall),
      () => cpuPerCall(redis, CALLS, () => Promise.all(Array.from({ length: CALLS }, nothing))),
    );
    const goal = { unit: 'us', target: 18 };
    return [
      judge({ ...goal, name: 'admit, server time' }, clock, 'by the clock of Redis'),
      judge(
        { ...goal, name: "admit, processor of Redis less a no-op's" },
        difference,
        `${micros(a)} - ${micros(b)}`,
      ),
    ];
  },
};
