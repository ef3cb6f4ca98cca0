/**
 * How long one look at a large account holds Redis up: each script of lua/inspect, as the commands and the
 * API ask them, with many orders, refusals, waiting plans and steals on record.
 */
import { type Question, readValues } from '../../src/inspection/reading.ts';
import { type Book, fill, openBook, putInto, setRoom } from '../book.ts';
import { compare, repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { planId, refusePlans } from '../refused-plans.ts';
import { judge, micros, type Target } from '../report.ts';
import { serverMicros } from '../server-time.ts';
import { stealAll, undo } from '../steals.ts';

const ORDERS = 5_000;
const STEALS = 500;
const PLANS = 10_000;
const ROUNDS = 5;
const CALLS = 3;
const LIMIT_MS = 5;
/** `orders 1000` shows ten times as many as `orders 100`; a fifth more for what is not per order. */
const PER_TEN = 12;

type Asked = Question & { isFree?: true };

const QUESTIONS: readonly Asked[] = [
  { script: 'status', words: [] },
  { script: 'orders', words: [] },
  { script: 'plans', words: [] },
  { script: 'plans', words: ['refused'] },
  { script: 'plans', words: ['S1'] },
  { script: 'why', words: [`o${STEALS}`] },
  { script: 'why', words: [planId(PLANS / 2)] },
  { script: 'why', words: ['S1'] },
  { script: 'waiting', words: [] },
  { script: 'steals', words: [] },
  { script: 'regret', words: [] },
  { script: 'fights', words: [] },
  // It reads the whole book: that is what it is for.
  { script: 'audit', words: [], isFree: true },
];

export const inspection: Measure = {
  name: 'inspection',
  isQuick: false,
  async run({ url }) {
    const book = await openBook(url, 'inspection');
    try {
      await prepare(book);
      const targets: Target[] = [];
      for (const asked of QUESTIONS) targets.push(await timeOf(book, asked));
      for (const shown of [10, 100, 1_000]) {
        const words = [`${shown}`];
        targets.push(await timeOf(book, { script: 'orders', words, isFree: true }));
      }
      const { a, b, ratio } = await compare(
        ROUNDS,
        () => askMicros(book, { script: 'orders', words: ['1000'] }),
        () => askMicros(book, { script: 'orders', words: ['100'] }),
      );
      const goal = { name: `orders 1000 / orders 100, ${ORDERS} orders`, target: PER_TEN };
      return [...targets, judge(goal, ratio, `${micros(a)} / ${micros(b)}`)];
    } finally {
      await book.ledger.close();
    }
  },
};

/** 5,000 orders, all of which may be taken; steals that are over; plans that were refused and wait. */
async function prepare(book: Book): Promise<void> {
  await fill(book, ORDERS + STEALS, () => {});
  await putInto(book, 'far');
  await setRoom(book, 0);
  for (const done of await stealAll(book, STEALS, 1)) await undo(book, done);
  await setRoom(book, 0);
  await refusePlans(book, PLANS);
}

async function timeOf(book: Book, asked: Asked): Promise<Target> {
  // The first time, the server does not have the script.
  await readValues(book.ledger, asked);
  const { median, spread } = await repeat(ROUNDS, () => askMicros(book, asked));
  const name = `${[asked.script, ...asked.words].join(' ')}, ${ORDERS} orders, ${PLANS} refusals`;
  const goal = { name, unit: 'ms', ...(asked.isFree ? {} : { target: LIMIT_MS }) };
  return judge(goal, { median: median / 1_000, spread: spread / 1_000 }, 'server time of one');
}

async function askMicros(book: Book, question: Question): Promise<number> {
  return await serverMicros(book.ledger.redis, CALLS, async () => {
    for (let nth = 0; nth < CALLS; nth += 1) await readValues(book.ledger, question);
  });
}
