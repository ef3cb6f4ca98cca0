/**
 * `node bench/week.ts [--days 7]`: simulates a week of one steal per second, swept every second as a keeper
 * does, on an embedded Redis. It prints the account's memory at the end of each day. Seven days take some
 * minutes. test/contract/ledger/history-week.test.ts asserts, at a smaller scale, that memory does not grow.
 */
import { parseArgs } from 'node:util';
import { openLedger } from '../src/ledger/ledger.ts';
import { openRedis } from '../src/redis/open.ts';
import { footprint, openSteady, run, sumOf } from './steady.ts';

const DAY_S = 86_400;
const BATCH = 60;
/** The same pair meets once per 2,000 s. */
const SYMBOLS = 2_000;

const { values } = parseArgs({ options: { days: { type: 'string', default: '7' } } });
const days = Number(values.days);
if (!(days > 0 && days <= 366))
  throw new Error(`--days ${values.days}: must be a number above 0, at most 366`);

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const redis = await openRedis({
  env: { ...process.env, REDIS_URL: undefined },
  log: { info: tell, warn: tell },
});
const ledger = await openLedger(redis.url, 'week');
try {
  const steady = await openSteady(ledger, {
    startMs: Date.parse('2025-01-06T00:00:00Z'),
    everyMs: 1_000,
    symbols: SYMBOLS,
  });
  process.stdout.write('after        steals      keys   account MB   history MB   server MB\n');
  await report('1 hour', 3_600);
  await report('2 hours', 7_200);
  for (let day = 1; day <= Math.ceil(days); day += 1)
    await report(`day ${day}`, Math.round(Math.min(day, days) * DAY_S));

  async function report(name: string, untilSteals: number): Promise<void> {
    while (steady.steals < untilSteals) {
      await run(steady, Math.min(BATCH, untilSteals - steady.steals));
      if (steady.steals % 21_600 < BATCH) tell(`${steady.steals} steals`);
    }
    const print = await footprint(ledger);
    const all = sumOf(print);
    const history = sumOf(
      new Map(
        [...print].filter(([kind]) => ['steals', 'steal', 'fight', 'robbers', 'cooldowns'].includes(kind)),
      ),
    );
    const server = Number(/^used_memory:(\d+)/m.exec(await ledger.redis.info('memory'))?.[1]);
    const mb = (bytes: number, width: number) => (bytes / 1e6).toFixed(2).padStart(width);
    const columns = [
      name.padEnd(10),
      String(steady.steals).padStart(8),
      String(all.keys).padStart(9),
      mb(all.bytes, 12),
    ];
    process.stdout.write(`${[...columns, mb(history.bytes, 12), mb(server, 11)].join(' ')}\n`);
  }
} finally {
  await ledger.close();
  await redis.close();
}
