/**
 * Prices of a large fleet: what 10,000 symbols with a price a second each take of Redis' core, and of a
 * watcher's. A watcher's path is its own (PriceFeed, PriceBoard, tick); the broker answers from memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { assert } from '../../src/domain/errors.ts';
import { tick } from '../../src/ledger/commands/tick.ts';
import { PriceFeed } from '../../src/prices/feed.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { PriceBoard } from '../../src/watcher/price-board.ts';
import { runWatcher } from '../../src/watcher/watcher.ts';
import { aWish, type Book, openBook, place, RULES, setRoom } from '../book.ts';
import { instantBroker } from '../instant-broker.ts';
import { type Market, market } from '../market.ts';
import { type Sample, sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { aPlan, filePlans } from '../plans.ts';
import { judge, type Target } from '../report.ts';
import { cpuMicros } from '../server-time.ts';

const SYMBOLS = Array.from({ length: 10_000 }, (_, at) => `F${at}`);
const PLACED_AT_ONCE = 500;
const SECONDS = 5;
const ROUNDS = 5;
const WATCHED_ROUNDS = 5;
const LIMIT_MS = 90_000;
const REDIS_PERCENT = 2.5;
const WATCHER_PERCENT = 2;
const { settings: rules } = readSettings(RULES);

/** The price path alone, round after round; and a whole watcher with a plan of each symbol. */
export const fleet: Measure = {
  name: 'fleet',
  isQuick: false,
  async run({ url }) {
    const book = await openBook(url, 'fleet');
    try {
      await setRoom(book, 2 * SYMBOLS.length * 100_000_000);
      for (let at = 0; at < SYMBOLS.length; at += PLACED_AT_ONCE) {
        const these = SYMBOLS.slice(at, at + PLACED_AT_ONCE);
        await place(
          book,
          these.map((symbol) => aWish(book, { symbol })),
        );
      }
      return [...(await pricesAlone(book)), ...(await wholeWatcher(book))];
    } finally {
      await book.ledger.close();
    }
  },
};

/** Processor time, of Redis and of this process, as percent of one core. */
type Shares = { redis: number[]; caller: number[] };

/**
 * Notes what is used until `isOver`. `seconds`: of it, after the fact; 1,000,000 us in a second.
 */
async function note(book: Book, shares: Shares, isOver: () => boolean, seconds: () => number): Promise<void> {
  const { redis } = book.ledger;
  const [server, own] = [await cpuMicros(redis), process.cpuUsage()];
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!isOver()) {
    assert(performance.now() < giveUpAt, `prices did not come within ${LIMIT_MS} ms`);
    await sleep(5);
  }
  const { user, system } = process.cpuUsage(own);
  const used = (await cpuMicros(redis)) - server;
  shares.redis.push(used / 10_000 / seconds());
  shares.caller.push((user + system) / 10_000 / seconds());
}

/** Rounds follow one another at once; a round counts as the second in which it would come. */
async function pricesAlone(book: Book): Promise<Target[]> {
  const { quotes, asked } = market(SYMBOLS);
  const board = new PriceBoard(rules.quoteMaxAgeMs, () => performance.now());
  let moved = 0;
  let failure: unknown;
  const feed = new PriceFeed({
    broker: { quotes },
    intervalMs: 1,
    onQuotes: async (prices) => {
      board.put(prices);
      const ticked = await tick(book.ledger, prices);
      if ('crossed' in ticked && asked() > SYMBOLS.length) moved += ticked.crossed;
    },
    onError: (error) => {
      failure = error;
    },
  });
  feed.follow(SYMBOLS);
  const stopping = new AbortController();
  const running = feed.run(stopping.signal);
  const shares: Shares = { redis: [], caller: [] };
  try {
    await note(
      book,
      { redis: [], caller: [] },
      () => asked() >= SECONDS * SYMBOLS.length,
      () => 1,
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = asked();
      const seconds = (): number => (asked() - from) / SYMBOLS.length;
      await note(book, shares, () => seconds() >= SECONDS, seconds);
    }
  } finally {
    stopping.abort();
    await running;
  }
  if (failure !== undefined) throw failure;
  assert(moved === 0, `${moved} orders crossed their edge, and none should`);
  return told('prices alone', shares, [REDIS_PERCENT, WATCHER_PERCENT], `${SECONDS} rounds each`);
}

/** As the product runs it: with its plans, leases and beats, and a pause of a second between the rounds. */
async function wholeWatcher(book: Book): Promise<Target[]> {
  await filePlans(
    book,
    SYMBOLS.map((symbol) => aPlan(`plan-${symbol}`, symbol, { limit: '50', pnl: '1' })),
  );
  const prices = market(SYMBOLS);
  let plans = 0;
  const stopping = new AbortController();
  const running = watch(book, prices, stopping.signal, (held) => {
    plans = held;
  });
  const shares: Shares = { redis: [], caller: [] };
  let ticks = 0;
  try {
    await note(
      book,
      { redis: [], caller: [] },
      () => plans === SYMBOLS.length,
      () => 1,
    );
    for (let round = 0; round < WATCHED_ROUNDS; round += 1) {
      const [from, beganAt] = [prices.asked(), performance.now()];
      const seconds = (): number => (performance.now() - beganAt) / 1_000;
      await note(book, shares, () => seconds() >= SECONDS, seconds);
      ticks += (prices.asked() - from) / SECONDS / WATCHED_ROUNDS;
    }
  } finally {
    stopping.abort();
    await running;
  }
  return told('a whole watcher', shares, [], `a plan of each, ${ticks.toFixed(0)} prices/s`);
}

async function watch(
  { ledger }: Book,
  { quotes }: Market,
  signal: AbortSignal,
  onPlans: (plans: number) => void,
): Promise<void> {
  const never = async (): Promise<never> => {
    throw new Error('a plan far from its limit acted');
  };
  await runWatcher(
    {
      ledger,
      broker: { ...instantBroker, quotes },
      coordinator: {
        ...{ enter: never, place: never, cancel: never, priceSteps: never },
        events: { listen: () => () => {} } as never,
      },
      rules,
      host: 'bench',
      planLeaseMs: 60_000,
      maxPlans: SYMBOLS.length,
      quotesMs: 1_000,
      log: pino({ level: 'silent' }),
      report: ({ plans }) => onPlans(Number(plans)),
    },
    signal,
  );
}

function told(
  what: string,
  { redis, caller }: Shares,
  [ofRedis, ofWatcher]: readonly number[],
  measured: string,
): Target[] {
  const one = (whose: string, sample: Sample, target: number | undefined): Target => {
    const name = `${SYMBOLS.length} symbols, a price a second each, ${what}: ${whose} core`;
    return judge({ name, unit: '%', ...(target === undefined ? {} : { target }) }, sample, measured);
  };
  return [one("Redis'", sampleOf(redis), ofRedis), one("the watcher's", sampleOf(caller), ofWatcher)];
}
