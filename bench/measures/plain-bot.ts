/**
 * A whole steal, as its caller waits for it, against the decision alone of a plain bot: one Python process
 * that has all orders in its memory (plain-decision.py). Ours goes over the network to Redis and books what
 * it decided.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assert } from '../../src/domain/errors.ts';
import { type Book, fill, openBook, putInto, setRoom } from '../book.ts';
import { type Comparison, compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { stealWait } from '../steals.ts';

const SCRIPT = fileURLToPath(new URL('../plain-decision.py', import.meta.url));
const SCRIPT_LIMIT_MS = 30_000;
const STEALS = 20;
const MOST_ROUNDS = 7;
/** The fewest orders from which on ours is to be the faster one. */
const FROM = 100;
const SIZES = [10, 100, 1_000, 10_000];

export const plainBot: Measure = {
  name: 'plain-bot',
  isQuick: false,
  async run({ url, rounds, tell }) {
    if (spawnSync('python3', ['--version']).status !== 0) {
      tell('plain-bot: not measured, because there is no python3');
      return [];
    }
    const targets: Target[] = [];
    let below = '';
    for (const orders of SIZES) {
      const { a, b, ratio } = await compareAt(url, orders, Math.min(MOST_ROUNDS, rounds));
      const measured = `${micros(a)} / ${micros(b)}`;
      if (orders < FROM) {
        below = `; with ${orders} orders, where a bot is faster: ${measured}`;
        continue;
      }
      const name = `steal, ${orders} orders / decision of a plain bot in Python`;
      targets.push(judge({ name, target: 1 }, ratio, orders === FROM ? measured + below : measured));
    }
    return targets;
  },
};

async function compareAt(url: string, orders: number, rounds: number): Promise<Comparison> {
  const book: Book = await openBook(url, `plain-bot-${orders}`);
  try {
    await fill(book, orders, () => {});
    await putInto(book, 'far');
    await setRoom(book, 0);
    return await compare(
      rounds,
      // A small book has victims for half as many as it has orders.
      () => stealWait(book, Math.min(STEALS, orders / 2)),
      async () => decisionMicros(orders),
    );
  } finally {
    await book.ledger.close();
  }
}

/** The median of half a second of decisions. */
function decisionMicros(orders: number): number {
  const options = { encoding: 'utf8', timeout: SCRIPT_LIMIT_MS } as const;
  const { status, stdout, stderr } = spawnSync('python3', [SCRIPT, String(orders)], options);
  assert(status === 0, `plain-decision.py exited ${status}: ${stderr}`);
  return Number(stdout);
}
