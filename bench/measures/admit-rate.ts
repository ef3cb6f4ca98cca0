/** Admissions a second with 64 under way, as a share of the no-ops a second: that fit, and blocked ones. */
import { admitAs, giveBack, noopOf, ROOM, wishesOf } from '../admissions.ts';
import { putInto, setRoom } from '../book.ts';
import { compare, perSecond } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, type Target } from '../report.ts';

const CALLS = 2_000;
const WIDTH = 64;

export const admitRate: Measure = {
  name: 'admit-rate',
  isQuick: true,
  async run({ small, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    const nothing = await noopOf(book);
    const targets: Target[] = [];
    for (const [outcome, room, target] of [
      ['fits', ROOM, 0.45],
      ['blocked', 0, 0.55],
    ] as const) {
      await setRoom(book, room);
      const { a, b, ratio } = await compare(
        rounds,
        async () => {
          const wishes = wishesOf(book, CALLS);
          const rate = await perSecond(wishes, WIDTH, (wish) => admitAs(outcome, book, wish));
          if (outcome === 'fits') await giveBack(book, wishes);
          return rate;
        },
        () => perSecond(Array.from({ length: CALLS }), WIDTH, nothing),
      );
      const which = outcome === 'fits' ? 'fits' : 'is blocked';
      const name = `admit that ${which} / no-op, rate, ${WIDTH} under way`;
      const measured = `${thousands(a)} / ${thousands(b)}`;
      targets.push(judge({ name, target, bound: 'least' }, ratio, measured));
    }
    return targets;
  },
};

function thousands(rate: number): string {
  return `${(rate / 1_000).toFixed(1)}k/s`;
}
