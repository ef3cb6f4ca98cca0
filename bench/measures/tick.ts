/** A tick of a hundred of a thousand symbols: where no order crosses its edge, and where one of each does. */
import { type Book, putInto, SYMBOLS, tickSymbols } from '../book.ts';
import { repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, type Target } from '../report.ts';
import { serverMicros } from '../server-time.ts';

export const TICKS_PER_ROUND = 20;
export const AT_ONCE = 100;

/** Server time of one tick with these two prices in turn. */
export async function tickMicros(book: Book, prices: readonly [string, string]): Promise<number> {
  return await serverMicros(book.ledger.redis, TICKS_PER_ROUND, async () => {
    for (let nth = 0; nth < TICKS_PER_ROUND; nth += 1)
      await tickSymbols(book, SYMBOLS.slice(0, AT_ONCE), prices[nth % 2] ?? '');
  });
}

export const STILL = ['102.01', '102'] as const;
const CROSSING = ['100.05', '102'] as const;

export const tickTime: Measure = {
  name: 'tick',
  isQuick: true,
  async run({ small, rounds }) {
    // It has one order on each of the first hundred symbols.
    const book = await small();
    await putInto(book, 'far');
    const targets: Target[] = [];
    for (const [prices, what, target] of [
      [STILL, 'nothing crosses', 1.8],
      [CROSSING, 'all cross', 8],
    ] as const) {
      const { median, spread } = await repeat(rounds, () => tickMicros(book, prices));
      const each = { median: median / AT_ONCE, spread: spread / AT_ONCE };
      const name = `tick of ${AT_ONCE} of ${SYMBOLS.length} symbols, ${what}, a symbol`;
      targets.push(judge({ name, unit: 'us', target }, each, `${median.toFixed(0)} us a tick`));
    }
    return targets;
  },
};
