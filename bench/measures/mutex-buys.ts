/**
 * What the mutex buys: how long somebody else waits for an answer while blocked thieves steal, in the queues
 * of their hosts under the mutex, and all at once. A queue has at most 32 steals under way, with or without
 * the mutex: therefore it is measured alone, too.
 */
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { type Book, fill, openBook, putInto, setRoom } from '../book.ts';
import { percentile } from '../bots.ts';
import { type Child, startChild } from '../child.ts';
import { median, sampleOf, takeTurns } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { queued, queuedAlone, stealBy, unqueued, type Way } from '../queued-steals.ts';
import { judge, micros, type Target } from '../report.ts';
import { type Steal, undoAll } from '../steals.ts';

const ORDERS = 3_000;
const ROUNDS = 5;
const WAYS = [queued, unqueued, queuedAlone];
/** Of the hosts; with more of them, some share one. */
const CONNECTIONS = 10;
/** `times`: how often in a round, one time after the other. */
const CROWDS = [
  { name: 'a thief', hosts: 1, thieves: 1, times: 100 },
  { name: '10 thieves of a host', hosts: 1, thieves: 10, times: 10 },
  { name: '1000 thieves of a host', hosts: 1, thieves: 1_000, times: 1 },
  { name: '10 thieves of 10 hosts', hosts: 10, thieves: 10, times: 5 },
  { name: '1000 thieves of 10 hosts', hosts: 10, thieves: 1_000, times: 1 },
  { name: '1000 thieves of 1000 hosts', hosts: 1_000, thieves: 1_000, times: 1 },
] as const;
type Crowd = (typeof CROWDS)[number];

export const mutexBuys: Measure = {
  name: 'mutex-buys',
  isQuick: false,
  async run({ url }) {
    const book = await openBook(url, 'mutex-buys');
    await fill(book, ORDERS, () => {});
    await putInto(book, 'far');
    await setRoom(book, 0);
    const { account } = book.ledger;
    const ledgers = await Promise.all(Array.from({ length: CONNECTIONS }, () => openLedger(url, account)));
    const bystander = await startChild('bystander.ts', [url, account]);
    const targets: Target[] = [];
    try {
      for (const crowd of CROWDS) {
        const hosts = Array.from({ length: crowd.hosts }, (_, nth) => ledgers[nth % CONNECTIONS] as Ledger);
        targets.push(await beside(crowd, book, hosts, bystander));
      }
    } finally {
      await bystander.close();
      for (const ledger of [book.ledger, ...ledgers]) await ledger.close();
    }
    return targets;
  },
};

async function beside(crowd: Crowd, book: Book, hosts: readonly Ledger[], bystander: Child): Promise<Target> {
  const rates = WAYS.map((): number[] => []);
  const waits = await takeTurns(
    ROUNDS,
    WAYS.map((open, at) => async () => {
      const { wait, rate } = await round(crowd, book, hosts.map(open), bystander);
      rates[at]?.push(rate);
      return wait;
    }),
  );
  const [mutex = [], once = [], alone = []] = waits;
  const [a, b, c] = [mutex, once, alone].map((values) => micros(median(values)));
  const [mutexRate, onceRate] = rates.map((values) => median(values).toFixed(0));
  return judge(
    { name: `an admission beside ${crowd.name}, all at once / under the mutex, p50` },
    sampleOf(mutex.map((wait, at) => (once[at] ?? Number.NaN) / wait)),
    `${b} / ${a}, the queue alone ${c}; ${onceRate} / ${mutexRate} steals/s`,
  );
}

/** The bystander's p50, in us, and the steals a second. */
async function round(
  { thieves, times }: Crowd,
  book: Book,
  hosts: readonly Way[],
  bystander: Child,
): Promise<{ wait: number; rate: number }> {
  let turn = 0;
  const spread: Pick<Way, 'attempt'> = {
    attempt(thief) {
      turn += 1;
      return (hosts[turn % hosts.length] as Way).attempt(thief);
    },
  };
  const steals: Steal[] = [];
  const rates: number[] = [];
  await bystander.ask('begin');
  for (let nth = 0; nth < times; nth += 1) {
    const { done, rate } = await stealBy(spread, book, thieves, thieves);
    steals.push(...done);
    rates.push(rate);
  }
  const waits = await bystander.ask<number[]>('end');
  await Promise.all(hosts.map((host) => host.close()));
  await undoAll(book, steals);
  return { wait: percentile(waits, 0.5), rate: median(rates) };
}
