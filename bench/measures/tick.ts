/**
 * A tick of a hundred of a thousand symbols: where no order crosses its edge, and where one of each does. And
 * of a hundred in a market of fewer symbols, which Redis would keep as a list.
 */
import { type Book, openBook, putInto, quote, SYMBOLS, tickSymbols } from '../book.ts';
import { repeat, type Sample } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, type Target } from '../report.ts';
import { serverMicros } from '../server-time.ts';

/** So many that the collections of Lua's garbage, one in some 20 ticks, spread evenly. */
export const TICKS_PER_ROUND = 200;
export const AT_ONCE = 100;

/** Server time of one tick with these two prices in turn. */
export async function tickMicros(
  book: Book,
  prices: readonly [string, string],
  symbols: readonly string[] = SYMBOLS.slice(0, AT_ONCE),
): Promise<number> {
  return await serverMicros(book.ledger.redis, TICKS_PER_ROUND, async () => {
    for (let nth = 0; nth < TICKS_PER_ROUND; nth += 1)
      await tickSymbols(book, symbols, prices[nth % 2] ?? '');
  });
}

export const STILL = ['102.01', '102'] as const;
/** At most 512, each a multiple of a hundred. */
const FEWER = [100, 500];
const CROSSING = ['100.05', '102'] as const;

export const tickTime: Measure = {
  name: 'tick',
  isQuick: true,
  async run({ url, small, rounds }) {
    // It has one order on each of the first hundred symbols.
    const book = await small();
    await putInto(book, 'far');
    const targets: Target[] = [];
    for (const [prices, what, target] of [
      [STILL, 'nothing crosses', 1.8],
      [CROSSING, 'all cross', 8],
    ] as const) {
      const { median, spread } = await repeat(rounds, () => tickMicros(book, prices));
      targets.push(aSymbol(`of ${SYMBOLS.length} symbols, ${what}`, target, { median, spread }));
    }
    for (const market of FEWER) {
      const few = await openBook(url, `market${market}`);
      const symbols = SYMBOLS.slice(0, market);
      await quote(few, symbols, STILL[1]);
      const some = symbols.filter((_, nth) => nth % (market / AT_ONCE) === 0);
      const tick = await repeat(rounds, () => tickMicros(few, STILL, some));
      targets.push(aSymbol(`of ${market} symbols, nothing crosses`, 1.8, tick));
      await few.ledger.close();
    }
    return targets;
  },
};

/** @param tick microseconds of a whole tick */
function aSymbol(what: string, target: number, { median, spread }: Sample): Target {
  const each = { median: median / AT_ONCE, spread: spread / AT_ONCE };
  const name = `tick of ${AT_ONCE} ${what}, a symbol`;
  return judge({ name, unit: 'us', target }, each, `${median.toFixed(0)} us a tick`);
}
