/** What a watcher's heap takes for each plan that it holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../src/domain/errors.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Book, openBook, SYMBOLS } from '../book.ts';
import { type Child, startChild } from '../child.ts';
import { median, sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { aPlan, filePlans, heldPlans } from '../plans.ts';
import { until } from '../programs.ts';
import { judge, megabytes, type Target } from '../report.ts';

type Kind = { name: string; limit: string; isQueued: boolean };

/** At prices from 102 to 102.99, in an account without room and without orders. */
const KINDS: readonly Kind[] = [
  { name: 'far from its limit', limit: '50', isQueued: false },
  { name: 'refused, in the queue for room', limit: '103', isQueued: true },
];
const ROUNDS = 5;
const FEW = 500;
/** The most that one watcher may have (WORKSTEAL_MAX_PLANS). */
const MANY = 5_000;
const TARGET = 3 * 1_024;
const LIMIT_MS = 30_000;
/** Until all symbols have a price, and most periodic steps have run. */
const SETTLE_MS = 3_000;
const READINGS = 4;
/** No part of a second: they meet the periodic steps at different points. */
const READING_MS = 370;

/** A watcher holds a few plans, then many. */
export const watcherMemory: Measure = {
  name: 'watcher-memory',
  isQuick: false,
  isPinned: false,
  async run({ url }) {
    const targets: Target[] = [];
    for (const kind of KINDS) {
      const heaps: Heaps[] = [];
      for (let round = 0; round < ROUNDS; round += 1)
        heaps.push(await heapsOf(url, `watcher-memory-${kind.limit}-${round}`, kind));
      const plan = sampleOf(heaps.map(({ few, many }) => (many - few) / (MANY - FEW)));
      const [many, few] = [median(heaps.map((one) => one.many)), median(heaps.map((one) => one.few))];
      const goal = { name: `watcher's heap of a plan, ${kind.name}`, unit: 'B', target: TARGET };
      const plans = `${MANY} / ${FEW} plans of ${SYMBOLS.length} symbols`;
      targets.push(judge(goal, plan, `${megabytes(many)} / ${megabytes(few)}: ${plans}`));
    }
    return targets;
  },
};

/** Bytes with FEW plans held, and with MANY. */
type Heaps = { few: number; many: number };

async function heapsOf(url: string, account: string, kind: Kind): Promise<Heaps> {
  const book = await openBook(url, account);
  const host = await startChild('watcher-host.ts', [url, account, String(MANY)]);
  try {
    const few = await heapWith(book, host, kind, 0, FEW);
    return { few, many: await heapWith(book, host, kind, FEW, MANY) };
  } finally {
    await host.close();
    await book.ledger.close();
  }
}

/** Files the plans from here to there; the least heap of several readings once the host holds them all. */
async function heapWith(book: Book, host: Child, kind: Kind, from: number, to: number): Promise<number> {
  const { ledger } = book;
  const plans = Array.from({ length: to - from }, (_, at) =>
    aPlan(`plan${from + at}`, SYMBOLS[(from + at) % SYMBOLS.length] ?? '', { limit: kind.limit, pnl: '1' }),
  );
  await filePlans(book, plans);
  await until(`${to} plans are held`, LIMIT_MS, [], async () => (await heldPlans(ledger)) === to);
  await sleep(SETTLE_MS);
  const queued = await ledger.redis.zcard(key(ledger.account, 'waiting'));
  assert(queued === (kind.isQueued ? to : 0), `of ${to} plans, each ${kind.name}, ${queued} are queued`);
  const readings: number[] = [];
  for (let nth = 0; nth < READINGS; nth += 1) {
    readings.push((await host.usage()).heapBytes);
    await sleep(READING_MS);
  }
  return Math.min(...readings);
}
