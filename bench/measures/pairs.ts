/**
 * Admissions given back, as pairs a second, against a semaphore in Redis (redis-semaphore) and a limiter with
 * its store there (bottleneck). Neither keeps a book: no price, no order, no restart.
 */
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { Semaphore } from 'redis-semaphore';
import { release } from '../../src/ledger/commands/release.ts';
import { admitAs, ROOM } from '../admissions.ts';
import { aWish, putInto, setRoom } from '../book.ts';
import { perSecond, sampleOf, takeTurns } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge } from '../report.ts';

const PAIRS = 1_000;
const WIDTH = 64;
const all = Array.from({ length: PAIRS });

export const pairs: Measure = {
  name: 'pairs',
  isQuick: false,
  async run({ small, url, rounds }) {
    const book = await small();
    await putInto(book, 'far');
    await setRoom(book, ROOM);
    const redis = new Redis(url);
    let [held, most] = [0, 0];
    const hold = async (work: () => Promise<unknown>): Promise<void> => {
      held += 1;
      most = Math.max(most, held);
      await work();
      held -= 1;
    };
    const limiter = new Bottleneck({
      datastore: 'ioredis',
      connection: new Bottleneck.IORedisConnection({ client: redis }),
      id: 'bench',
      maxConcurrent: WIDTH,
      clearDatastore: true,
    });
    await limiter.ready();
    const [ours = [], semaphores = [], limiters = []] = await takeTurns(rounds, [
      () =>
        perSecond(all, WIDTH, async () => {
          const wish = aWish(book, {});
          await admitAs('fits', book, wish);
          await release(book.ledger, wish.id, 'bench');
        }),
      () =>
        perSecond(all, WIDTH, async () => {
          const semaphore = new Semaphore(redis, 'bench', WIDTH, { refreshInterval: 0 });
          await semaphore.acquire();
          await hold(() => semaphore.release());
        }),
      () => perSecond(all, WIDTH, () => limiter.schedule(() => hold(async () => {}))),
    ]);
    await limiter.disconnect(true);
    redis.disconnect();
    const against = (name: string, target: number, peers: readonly number[]) => {
      const ratio = sampleOf(ours.map((rate, at) => rate / (peers[at] ?? Number.NaN)));
      const peer = `${sampleOf(ours).median.toFixed(0)} / ${sampleOf(peers).median.toFixed(0)} pairs/s`;
      const held = `at most ${most} of ${WIDTH} held`;
      return judge(
        { name: `admit and release / ${name}`, target, bound: 'least' },
        ratio,
        `${peer}, ${held}`,
      );
    };
    return [against('redis-semaphore', 0.8, semaphores), against('bottleneck', 6, limiters)];
  },
};
