/** The same with the rules that are off by default: age, residency, often robbed, budget, partial. */
import type { Env } from '../../src/rules/settings.ts';
import { type Book, fill, openBook, putInto, quote, STATES, SYMBOLS } from '../book.ts';
import type { Measure } from '../measure-type.ts';
import type { Target } from '../report.ts';
import { stealInVain } from '../steals.ts';
import { ADMIT, ALL_FAR, type Growth, grown } from './growth.ts';

const RULES: Env = {
  WORK_STEALING_PNL_HALF_LIFE: '1800',
  WORK_STEALING_MIN_RESIDENCY: '3600',
  WORK_STEALING_MAX_ROBBED: '1',
  WORK_STEALING_ROBBED_WINDOW: '3600',
  WORK_STEALING_BUDGET: '1000',
  WORK_STEALING_PARTIAL: '1',
};
const SMALL = 100;
const LARGE = 100_000;

/** Where no order may be taken: one that is opened for it would be too young. */
const NONE_OPEN: readonly Growth[] = [
  ADMIT,
  { what: 'refused steal', target: 1.1, room: 0, round: (book) => stealInVain(book, 'no_candidates') },
];

export const growthRules: Measure = {
  name: 'growth-rules',
  isQuick: false,
  async run({ url, rounds, tell }) {
    const books: [Book, Book] = [
      await openBook(url, 'rules-small', RULES, true),
      await openBook(url, 'rules-large', RULES, true),
    ];
    try {
      await fill(books[0], SMALL, () => {});
      await fill(books[1], LARGE, (done) => {
        if (done % (LARGE / 5) === 0) tell(`${done} of ${LARGE} open orders`);
      });
      return await measured(books, rounds);
    } finally {
      for (const { ledger } of books) await ledger.close();
    }
  },
};

async function measured(books: [Book, Book], rounds: number): Promise<Target[]> {
  const where = `${SMALL} -> ${LARGE} orders, further rules`;
  // Nothing has let time pass yet.
  for (const book of books) {
    await quote(book, SYMBOLS, '102');
    await quote(book, ['THIEF'], '100');
  }
  const targets = await grown(NONE_OPEN, books, rounds, `${where}, all too young`);
  for (const state of ['far', 'robbed'] as const) {
    for (const book of books) await putInto(book, state);
    const some = state === 'far' ? ALL_FAR : NONE_OPEN;
    targets.push(...(await grown(some, books, rounds, `${where}, ${STATES[state]}`)));
  }
  return targets;
}
