/** Steals a second of 64 watchers that all need room at once, against the plain way's. */
import { fill, openBook, putInto, setRoom } from '../book.ts';
import { perSecond, sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { openPlainWay } from '../plain-way.ts';
import { queued, stealRate, WATCHERS } from '../queued-steals.ts';
import { judge, type Target } from '../report.ts';
import type { Stage } from '../stage.ts';

const OURS = 256;
const SIZES = [
  [100, 16, 128],
  [1_000, 30, 32],
  [10_000, 150, 8],
] as const;

async function ofSize(
  { url, rounds }: Stage,
  orders: number,
  target: number,
  steals: number,
): Promise<Target> {
  const book = await openBook(url, `contended-${orders}`);
  await fill(book, orders, () => {});
  await putInto(book, 'far');
  await setRoom(book, 0);
  const plain = await openPlainWay(url, `contended-${orders}`, orders);
  const ratios: number[] = [];
  let [a, b] = [0, 0];
  for (let round = 0; round < Math.min(5, rounds); round += 1) {
    a = await stealRate(book, queued, Math.min(OURS, orders / 2));
    const thieves = Array.from({ length: steals }, (_, nth) => `t${round}-${nth}`);
    b = await perSecond(thieves, WATCHERS, (thief) => plain.steal(thief));
    ratios.push(a / b);
  }
  const excess = await plain.excess();
  await plain.close();
  await book.ledger.close();
  const measured = `${a.toFixed(0)} / ${b.toFixed(0)} steals/s, the plain way's violations: ${excess}`;
  const name = `${WATCHERS} watchers, ${orders} orders / plain way`;
  return judge({ name, target, bound: 'least' }, sampleOf(ratios), measured);
}

export const contended: Measure = {
  name: 'contended',
  isQuick: false,
  async run(stage) {
    const targets: Target[] = [];
    for (const [orders, target, steals] of SIZES) targets.push(await ofSize(stage, orders, target, steals));
    return targets;
  },
};
