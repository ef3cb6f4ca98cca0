/**
 * The server time of a steal of one and of three victims, and of one that is refused, as a multiple of a
 * caller's wait for a script that does nothing.
 */
import { noopOf } from '../admissions.ts';
import { type Book, putInto, setRoom } from '../book.ts';
import { compare, serialMicros } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { stealFromMany, stealInVain } from '../steals.ts';

const NOOPS = 200;

const KINDS: readonly { name: string; target: number; round: (book: Book) => Promise<number> }[] = [
  { name: 'steal of 1', target: 1.1, round: (book) => stealFromMany(book, 1) },
  { name: 'steal of 3', target: 1.8, round: (book) => stealFromMany(book, 3) },
  { name: 'refused steal', target: 0.5, round: stealInVain },
];

export const stealTime: Measure = {
  name: 'steal',
  isQuick: true,
  async run({ small, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    await setRoom(book, 0);
    const nothing = await noopOf(book);
    const targets: Target[] = [];
    for (const { name, target, round } of KINDS) {
      const { a, b, ratio } = await compare(
        rounds,
        () => round(book),
        () => serialMicros(Array.from({ length: NOOPS }), nothing),
      );
      const goal = { name: `${name}, server time / trip of a no-op`, target };
      targets.push(judge(goal, ratio, `${micros(a)} / ${micros(b)}`));
    }
    return targets;
  },
};
