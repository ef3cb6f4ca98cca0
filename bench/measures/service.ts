/**
 * What Redis' processor spends on what an account does, one command after the other: the service times of
 * bench/nodes.ts.
 */
import { admitAs, giveBack, ROOM, wishesOf } from '../admissions.ts';
import { type Book, forget, place, putInto, SYMBOLS, setRoom, tickSymbols } from '../book.ts';
import { repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge } from '../report.ts';
import { cpuPerCall } from '../server-time.ts';
import { sameAs, stealAll, undo } from '../steals.ts';

const CALLS = 200;
const STEALS = 20;
const TICKED = 10;

export const service: Measure = {
  name: 'service',
  isQuick: false,
  async run({ small, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    const tick = await repeat(rounds, () => ticks(book));
    await setRoom(book, ROOM);
    const admission = await repeat(rounds, () => admissions(book));
    await setRoom(book, 0);
    const steal = await repeat(rounds, () => steals(book));
    const unit = 'us';
    return [
      judge({ name: `processor of a tick of ${TICKED} symbols`, unit }, tick, 'nothing crosses'),
      judge({ name: 'processor of an admission and its release', unit }, admission, 'two commands'),
      judge({ name: 'processor of a steal and its ends', unit }, steal, 'steal, settle, release'),
    ];
  },
};

async function ticks(book: Book): Promise<number> {
  return await cpuPerCall(book.ledger.redis, CALLS, async () => {
    for (let nth = 0; nth < CALLS; nth += 1)
      await tickSymbols(book, SYMBOLS.slice(0, TICKED), nth % 2 === 0 ? '102.01' : '102');
  });
}

async function admissions(book: Book): Promise<number> {
  const wishes = wishesOf(book, CALLS);
  return await cpuPerCall(book.ledger.redis, CALLS, async () => {
    for (const wish of wishes) {
      await admitAs('fits', book, wish);
      await giveBack(book, [wish]);
    }
  });
}

async function steals(book: Book): Promise<number> {
  const { redis } = book.ledger;
  let done: Awaited<ReturnType<typeof stealAll>> = [];
  const taken = await cpuPerCall(redis, STEALS, async () => {
    done = await stealAll(book, STEALS, 1);
  });
  const again = await Promise.all(done.flatMap(({ victims }) => victims.map((one) => sameAs(book, one))));
  const ended = await cpuPerCall(redis, STEALS, async () => {
    for (const one of done) await undo(book, one);
  });
  await place(book, again);
  await forget(book);
  return taken + ended;
}
