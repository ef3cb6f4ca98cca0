/** The commands of the ledger as they are measured alone: on a book all of whose orders may be taken. */
import { assert } from '../src/domain/errors.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { steal } from '../src/ledger/commands/steal.ts';
import { admitAs, giveBack, ROOM, wishesOf } from './admissions.ts';
import { aWish, type Book, LEASE_MS, SYMBOLS, tickSymbols } from './book.ts';
import { stealAll, undoAll } from './steals.ts';

export type Command = {
  /** As tables name it. */
  name: string;
  /** What the account has, micro-USD. */
  room: number;
  /** In a round. */
  calls: number;
  /** Makes so many calls, and returns what `undo` needs. */
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

/** Each tick has the other one of two prices, the first one first. */
const ticking =
  (...prices: [string, string]): Command['run'] =>
  async (book, calls) => {
    for (let nth = 0; nth < calls; nth += 1)
      await tickSymbols(book, SYMBOLS.slice(0, 100), prices[nth % 2 === 0 ? 0 : 1]);
  };

export const COMMANDS: readonly Command[] = [
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
  { name: 'tick of 100', room: 0, calls: 20, run: ticking('102.01', '102') },
  { name: 'tick of 100 that all cross', room: 0, calls: 20, run: ticking('100.05', '102') },
];
