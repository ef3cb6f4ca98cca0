/** The wait from blocked to granted while 64 accounts of a process are busy, each with steals of its own. */

import { forget } from '../book.ts';
import { percentile } from '../bots.ts';
import { sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { openFullBook, startThieves } from '../thieves.ts';

const ACCOUNTS = 64;
const STEALS_PER_ROUND = 10;

export const grantBusy: Measure = {
  name: 'grant-busy',
  isQuick: false,
  run: async ({ url, rounds }) => [await waits(url, Math.ceil(rounds / 3))],
};

async function waits(url: string, rounds: number): Promise<Target> {
  const names = Array.from({ length: ACCOUNTS }, (_, nth) => `busy-${nth}`);
  const books = await Promise.all(names.map((name) => openFullBook(url, name)));
  const all = await Promise.all(books.map((book) => startThieves(url, book)));
  const ratios: number[] = [];
  let [p50, p99] = [0, 0];
  try {
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const each = all.map(async ({ steal }) => {
        const own: number[] = [];
        for (let nth = 0; nth < STEALS_PER_ROUND; nth += 1) own.push(await steal());
        return own;
      });
      const waited = (await Promise.all(each)).flat();
      await Promise.all(books.map(forget));
      [p50, p99] = [percentile(waited, 0.5), percentile(waited, 0.99)];
      if (round > 0) ratios.push(p99 / p50);
    }
  } finally {
    await Promise.all(all.map(({ close }) => close()));
    await Promise.all(books.map(({ ledger }) => ledger.close()));
  }
  return judge(
    { name: `blocked to granted, ${ACCOUNTS} accounts busy, p99 / p50`, target: 4 },
    sampleOf(ratios),
    `${micros(p99)} / ${micros(p50)}`,
  );
}
