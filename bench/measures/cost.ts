/**
 * What CI compares with the figures that were accepted last: how many commands of Redis one command of the
 * ledger runs, which is the same number on every machine; and its processor time as a multiple of that of a
 * script whose work never changes, which depends little on the machine.
 */
import type { Redis } from 'ioredis';
import { judgeAccepted } from '../accepted.ts';
import { putInto, setRoom } from '../book.ts';
import { COMMANDS } from '../commands.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { reference } from '../reference.ts';
import { micros, type Target } from '../report.ts';
import { cpuPerCall } from '../server-time.ts';

/** The least of so many counts: some calls also do what is due once a second, or once in a hundred calls. */
const COUNTS = 3;

/** Commands that this server ran so far, those of scripts included and the scripts themselves not. */
async function innerCalls(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return [...stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)]
    .filter(([, name = '']) => !/^(?:eval|evalsha|fcall|info)$/.test(name))
    .reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

export const cost: Measure = {
  name: 'cost',
  isQuick: true,
  isGuarded: true,
  async run({ small, rounds }) {
    const book = await small();
    const { redis } = book.ledger;
    await putInto(book, 'far');
    const work = reference(redis);
    const targets: Target[] = [];
    for (const { name, room, calls, run, undo } of COMMANDS) {
      await setRoom(book, room);
      const counts: number[] = [];
      for (let nth = 0; nth < COUNTS; nth += 1) {
        const began = await innerCalls(redis);
        const once = await run(book, 2);
        counts.push(((await innerCalls(redis)) - began) / 2);
        await undo?.(book, once);
      }
      const count = Math.min(...counts);
      const { a, b, ratio } = await compare(
        rounds,
        async () => {
          let done: unknown;
          const each = await cpuPerCall(redis, calls, async () => {
            done = await run(book, calls);
          });
          await undo?.(book, done);
          return each;
        },
        () => cpuPerCall(redis, 100, () => Promise.all(Array.from({ length: 100 }, work))),
      );
      targets.push(
        judgeAccepted(`${name}, commands of Redis`, 'calls', { median: count, spread: 0 }, 'counted'),
        judgeAccepted(`${name} / reference, processor`, 'x', ratio, `${micros(a)} / ${micros(b)}`),
      );
    }
    return targets;
  },
};
