/**
 * The floor of the ledger's commands: the commands of Redis that each of them runs, again, without its Lua.
 * No Lua around the same commands can be faster. And of a tick in which nothing crosses what is left without
 * the rules.
 */
import { bareTickMicros } from '../bare-tick.ts';
import { putInto, SYMBOLS, setRoom } from '../book.ts';
import { COMMANDS } from '../commands.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { copyAccount, load, record } from '../recorded.ts';
import { judge, micros, type Target } from '../report.ts';
import { serverMicros } from '../server-time.ts';
import { AT_ONCE, STILL, TICKS_PER_ROUND, tickMicros } from './tick.ts';

export const floor: Measure = {
  name: 'floor',
  isQuick: false,
  async run({ small, rounds }) {
    const book = await small();
    const { redis } = book.ledger;
    await putInto(book, 'far');
    const targets: Target[] = [];
    for (const { name, room, calls, run, undo } of COMMANDS) {
      await setRoom(book, room);
      const own = async (): Promise<number> => {
        let done: unknown;
        const each = await serverMicros(redis, calls, async () => {
          done = await run(book, calls);
        });
        await undo?.(book, done);
        return each;
      };
      // The first calls after a change of the book pay for what was due.
      await own();
      await copyAccount(book.ledger);
      let recorded: unknown;
      const scripts = await load(
        book.ledger,
        await record(redis, async () => {
          recorded = await run(book, calls);
        }),
      );
      await undo?.(book, recorded);
      const bare = async (): Promise<number> => {
        await copyAccount(book.ledger);
        return await serverMicros(redis, calls, async () => {
          for (const sha of scripts) await redis.evalsha(sha, 0);
        });
      };
      const { a, b, ratio } = await compare(rounds, bare, own);
      const goal = { name: `${name}, its commands of Redis alone / all of it` };
      targets.push(judge(goal, ratio, `${micros(a)} / ${micros(b)}, server time`));
    }
    await copyAccount(book.ledger);
    const { a, b, ratio } = await compare(
      rounds,
      () => bareTickMicros(redis, TICKS_PER_ROUND, SYMBOLS.slice(0, AT_ONCE), STILL),
      () => tickMicros(book, STILL),
    );
    const goal = { name: `tick of ${AT_ONCE}, without rules / all of it` };
    targets.push(judge(goal, ratio, `${micros(a)} / ${micros(b)}, server time`));
    return targets;
  },
};
