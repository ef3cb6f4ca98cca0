/** Steals as the measures make them, and how the book is put back afterwards. */
import { assert } from '../src/domain/errors.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { release } from '../src/ledger/commands/release.ts';
import { settle } from '../src/ledger/commands/settle.ts';
import { readLedgerOrder } from '../src/ledger/commands/snapshot.ts';
import { steal } from '../src/ledger/commands/steal.ts';
import type { Victim } from '../src/ledger/victims.ts';
import { aWish, type Book, forget, LEASE_MS, place, quote } from './book.ts';
import { serialMicros } from './measure.ts';
import { serverMicros } from './server-time.ts';

const STEALS_PER_ROUND = 20;
/** They leave the book as it is. So many that the collections of Lua's garbage spread evenly. */
const REFUSED_PER_ROUND = 200;

export type Steal = { thief: string; victims: readonly Victim[] };

/** The thief needs a little less than so many victims hold, so that it takes exactly these. */
async function stealFrom(book: Book, victims: number): Promise<Steal> {
  const wish = aWish(book, { qty: String(victims - 0.1), pnl: '1000' });
  const answer = await steal(book.ledger, wish, LEASE_MS, '');
  assert(answer.outcome === 'stolen', `a steal answered ${answer.outcome}`);
  assert(answer.victims.length === victims, `a steal took ${answer.victims.length} victims, not ${victims}`);
  return { thief: wish.id, victims: answer.victims };
}

/** Settles the victims as cancelled; the thief is granted, and releases its room. */
export async function undo(book: Book, { thief, victims }: Steal): Promise<void> {
  for (const { id } of victims) {
    await settle(book.ledger, id, { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'bench' });
  }
  await release(book.ledger, thief, 'bench');
}

/** So many steals from the worst orders of the book, one after the other. */
export async function stealAll(book: Book, steals: number, victims: number): Promise<Steal[]> {
  const done: Steal[] = [];
  for (let nth = 0; nth < steals; nth += 1) done.push(await stealFrom(book, victims));
  return done;
}

/** Opens orders like those that were taken, and lets the steals expire. */
export async function undoAll(book: Book, steals: readonly Steal[]): Promise<void> {
  const robbed = steals.flatMap((done) => done.victims);
  const again = await Promise.all(robbed.map((victim) => sameAs(book, victim)));
  await Promise.all(steals.map((done) => undo(book, done)));
  await place(book, again);
  await forget(book);
}

/** The p50 of the caller's wait for a steal from the worst orders of the book, in microseconds. */
export async function stealWait(book: Book, steals: number): Promise<number> {
  const done: Steal[] = [];
  const wait = await serialMicros(Array.from({ length: steals }), async () => {
    done.push(await stealFrom(book, 1));
  });
  await undoAll(book, done);
  return wait;
}

/** The server time of a steal, of a round of steals from the worst orders of the book. */
export async function stealFromMany(book: Book, victims = 1): Promise<number> {
  let steals: Steal[] = [];
  const perCall = await serverMicros(book.ledger.redis, STEALS_PER_ROUND, async () => {
    steals = await stealAll(book, STEALS_PER_ROUND, victims);
  });
  await undoAll(book, steals);
  return perCall;
}

/** A wish for an order like a victim, with a new id. */
export async function sameAs(book: Book, victim: Pick<Victim, 'id'>): Promise<OrderWish> {
  const order = await readLedgerOrder(book.ledger, victim.id);
  assert(order !== undefined, `the victim ${victim.id} is in the ledger`);
  const { symbol, limit, qty, pnl } = order;
  return aWish(book, { symbol, limit, qty, pnl });
}

/** What the only order that may be taken holds. */
export const LONE = { limit: '90', qty: '1', pnl: '-60' };

/**
 * The server time of a steal, of a round of steals each from the only order of the book that may be a victim;
 * it is opened for this steal, on its own symbol.
 */
export async function stealTheOnlyOne(book: Book): Promise<number> {
  let sum = 0;
  for (let nth = 0; nth < STEALS_PER_ROUND; nth += 1) {
    const symbol = `L${book.made}`;
    await quote(book, [symbol], '102');
    await place(book, [aWish(book, { symbol, ...LONE })]);
    let done: Steal | undefined;
    sum += await serverMicros(book.ledger.redis, 1, async () => {
      done = await stealFrom(book, 1);
    });
    assert(
      done?.victims[0]?.symbol === symbol,
      `the victim is not the only order that may be one, on ${symbol}`,
    );
    await undo(book, done);
  }
  return sum / STEALS_PER_ROUND;
}

/**
 * The server time of a steal that is refused: the thief is worth less than every order of the book.
 * @param refusal where none may be taken, another one is due
 */
export async function stealInVain(book: Book, refusal = 'pnl_not_better'): Promise<number> {
  return await serverMicros(book.ledger.redis, REFUSED_PER_ROUND, async () => {
    for (let nth = 0; nth < REFUSED_PER_ROUND; nth += 1) {
      const answer = await steal(book.ledger, aWish(book, { pnl: '-1000' }), LEASE_MS, '');
      assert(answer.outcome === refusal, `a steal answered ${answer.outcome}`);
    }
  });
}
