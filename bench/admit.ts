/** Admission: its cost relative to a bare round trip, and its growth with the number of open orders. */
import { assert } from '../src/domain/errors.ts';
import { notionalMicros } from '../src/domain/money.ts';
import { admit } from '../src/ledger/commands/admit.ts';
import { release } from '../src/ledger/commands/release.ts';
import { wishArguments } from '../src/ledger/commands/wish.ts';
import { aWish, type Book, LEASE_MS, STATES, type State, setRoom } from './book.ts';
import { compare, serialMicros, serverMicros } from './measure.ts';
import { noop } from './noop.ts';
import { judge, micros, type Target } from './report.ts';

const CALLS_PER_ROUND = 100;
const ROOM = notionalMicros('100', '10000');

/**
 * Compares an admission that fits with a script that does nothing: same connection, same number of arguments,
 * one call at a time.
 */
export async function admitAgainstNoop(book: Book, rounds: number): Promise<Target> {
  await setRoom(book, ROOM);
  const { ledger } = book;
  const nothing = noop(ledger.redis);
  const args = [...wishArguments(aWish(book, {}), LEASE_MS, await ledger.serverId()), ''];
  const { a, b, ratio } = await compare(
    rounds,
    async () => {
      const wishes = Array.from({ length: CALLS_PER_ROUND }, () => aWish(book, {}));
      const p50 = await serialMicros(wishes, async (wish) => fits(await admit(ledger, wish, LEASE_MS)));
      await Promise.all(wishes.map(({ id }) => release(ledger, id, 'bench')));
      return p50;
    },
    async () => await serialMicros(Array.from({ length: CALLS_PER_ROUND }), () => nothing(args)),
  );
  return judge('admit / no-op, serial p50', ratio, 1.5, `${micros(a)} / ${micros(b)}`);
}

/**
 * Compares the server time of an admission that fits in a large book and in a small one, both in the same
 * state.
 */
export async function admitGrowth(small: Book, large: Book, state: State, rounds: number): Promise<Target> {
  await setRoom(small, ROOM);
  await setRoom(large, ROOM);
  const { a, b, ratio } = await compare(
    rounds,
    async () => await admitServerMicros(large),
    async () => await admitServerMicros(small),
  );
  return judge(`admit, growth, ${STATES[state]}`, ratio, 1.5, `${micros(a)} / ${micros(b)} of server time`);
}

async function admitServerMicros(book: Book): Promise<number> {
  const { ledger } = book;
  const wishes = Array.from({ length: CALLS_PER_ROUND }, () => aWish(book, {}));
  const perCall = await serverMicros(ledger.redis, CALLS_PER_ROUND, async () => {
    for (const admission of await Promise.all(wishes.map((wish) => admit(ledger, wish, LEASE_MS))))
      fits(admission);
  });
  await Promise.all(wishes.map(({ id }) => release(ledger, id, 'bench')));
  return perCall;
}

function fits({ outcome }: { outcome: string }): void {
  assert(outcome === 'fits', `an admission with enough room answered ${outcome}`);
}
