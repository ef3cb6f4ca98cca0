/**
 * What CI compares with the figures that were accepted last: how many commands of Redis one command of the
 * ledger runs, which is the same number on every machine; and its processor time as a multiple of that of a
 * script whose work never changes, which depends little on the machine.
 */
import type { Redis } from 'ioredis';
import { assert } from '../../src/domain/errors.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import { steal } from '../../src/ledger/commands/steal.ts';
import { judgeAccepted } from '../accepted.ts';
import { admitAs, giveBack, ROOM, wishesOf } from '../admissions.ts';
import { aWish, type Book, LEASE_MS, putInto, SYMBOLS, setRoom, tickSymbols } from '../book.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { reference } from '../reference.ts';
import { micros, type Target } from '../report.ts';
import { cpuPerCall } from '../server-time.ts';
import { stealAll, undoAll } from '../steals.ts';

type Command = {
  name: string;
  room: number;
  calls: number;
  run: (book: Book, calls: number) => Promise<unknown>;
  undo?: (book: Book, done: unknown) => Promise<unknown>;
};

const fitting: Pick<Command, 'run' | 'undo'> = {
  async run(book, calls) {
    const wishes = wishesOf(book, calls);
    await Promise.all(wishes.map((wish) => admitAs('fits', book, wish)));
    return wishes;
  },
  undo: (book, wishes) => giveBack(book, wishes as OrderWish[]),
};

const stealing = (victims: number): Pick<Command, 'run' | 'undo'> => ({
  run: (book, calls) => stealAll(book, calls, victims),
  undo: (book, steals) => undoAll(book, steals as Awaited<ReturnType<typeof stealAll>>),
});

const COMMANDS: readonly Command[] = [
  { name: 'admit that fits', room: ROOM, calls: 300, ...fitting },
  {
    name: 'admit that is blocked',
    room: 0,
    calls: 300,
    run: (book, calls) => Promise.all(wishesOf(book, calls).map((wish) => admitAs('blocked', book, wish))),
  },
  { name: 'steal of 1', room: 0, calls: 20, ...stealing(1) },
  { name: 'steal of 3', room: 0, calls: 20, ...stealing(3) },
  {
    name: 'refused steal',
    room: 0,
    calls: 100,
    run: (book, calls) =>
      Promise.all(
        Array.from({ length: calls }, async () => {
          const { outcome } = await steal(book.ledger, aWish(book, { pnl: '-1000' }), LEASE_MS, '');
          assert(outcome === 'pnl_not_better', `a steal answered ${outcome}`);
        }),
      ),
  },
  {
    name: 'tick of 100',
    room: 0,
    calls: 20,
    async run(book, calls) {
      for (let nth = 0; nth < calls; nth += 1)
        await tickSymbols(book, SYMBOLS.slice(0, 100), nth % 2 === 0 ? '102.01' : '102');
    },
  },
];

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
  async run({ small, rounds }) {
    const book = await small();
    const { redis } = book.ledger;
    await putInto(book, 'far');
    const work = reference(redis);
    const targets: Target[] = [];
    for (const { name, room, calls, run, undo } of COMMANDS) {
      await setRoom(book, room);
      const began = await innerCalls(redis);
      const once = await run(book, 2);
      const count = ((await innerCalls(redis)) - began) / 2;
      await undo?.(book, once);
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
