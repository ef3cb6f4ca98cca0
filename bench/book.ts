/**
 * Accounts full of open orders, made with the product's own scripts: buys of one unit at limits from 99.70 to
 * 100, spread over a thousand symbols. At a price of 102 every order may be a victim; at 100.05 every order
 * is protected.
 */
import { assert } from '../src/domain/errors.ts';
import { type Micros, notionalMicros } from '../src/domain/money.ts';
import type { OrderWish } from '../src/domain/order.ts';
import { setClock } from '../src/ledger/commands/clock.ts';
import { configure } from '../src/ledger/commands/configure.ts';
import { remember } from '../src/ledger/commands/remember.ts';
import { sweep } from '../src/ledger/commands/sweep.ts';
import { sync } from '../src/ledger/commands/sync.ts';
import { tick } from '../src/ledger/commands/tick.ts';
import { wishArguments } from '../src/ledger/commands/wish.ts';
import { key } from '../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../src/ledger/ledger.ts';
import { commandName, defineScripts } from '../src/ledger/scripts.ts';
import { type Env, readSettings } from '../src/rules/settings.ts';

/**
 * An account and its contents. `orders`: open orders. `made`: how many ids were used. `nowMs`: the ledger
 * time after the last `forget`. `ages`: after a `forget`, its orders have the age of the time that was let
 * pass, as rules about age and residency need it; the account's clock is a scaled one then. The others run on
 * the real clock, as those of users do.
 */
export type Book = {
  ledger: Ledger;
  orders: number;
  made: number;
  nowMs: number;
  historyMs: number;
  ages: boolean;
};

export const LEASE_MS = 600_000;
/** The default rules, except that quotes do not become too old during a run. */
export const RULES = { WORK_STEALING_LEVERAGE: '1', WORK_STEALING_QUOTE_MAX_AGE: '3600' } as const;
const HOUR_MS = 3_600_000;
export const SYMBOLS = Array.from({ length: 1_000 }, (_, at) => `S${at}`);
const ORDERS_PER_PIPELINE = 500;
/** Older than a quote may be. */
const STALE_MS = 3_700_000;

/** Which of the open orders may be victims. */
export const STATES = {
  far: 'all may be taken',
  near: 'all near their fill',
  cooling: 'all cooling down',
  stale: 'all without a fresh price',
  fighting: 'all in a fight',
  robbed: 'all robbed too often',
} as const;
export type State = keyof typeof STATES;
const PRICE: Record<State, string> = {
  far: '102',
  near: '100.05',
  cooling: '102',
  stale: '102',
  fighting: '102',
  robbed: '102',
};

/** Opens an account with RULES, and with others on top of them. */
export async function openBook(url: string, account: string, rules: Env = {}, ages = false): Promise<Book> {
  const ledger = await openLedger(url, account, { loadsFunctions: true });
  const { settings } = readSettings({ ...RULES, ...rules });
  await configure(ledger, settings, HOUR_MS);
  const nowMs = await serverTimeMs(ledger);
  await sync(ledger, 0, nowMs, []);
  return { ledger, orders: 0, made: 0, nowMs, historyMs: settings.historyTtlMs, ages };
}

async function serverTimeMs(ledger: Ledger): Promise<number> {
  const [seconds] = await ledger.redis.time();
  return Number(seconds) * 1_000;
}

/** A wish with a new id. */
export function aWish(book: Pick<Book, 'made'>, wish: Partial<OrderWish>): OrderWish {
  book.made += 1;
  const id = `o${book.made}`;
  return {
    id,
    symbol: 'THIEF',
    side: 'buy',
    kind: 'entry',
    mode: 'normal',
    limit: '100',
    qty: '1',
    owner: 'bench',
    ...wish,
  };
}

/** The nth order of a book: its symbol, limit and PnL depend on n alone. */
export function nthWish(book: Book, nth: number): OrderWish {
  const pnl = ((nth * 7919) % 100_003) / 1_000 - 50;
  const limit = (99.7 + ((nth * 104_729) % 3_000) / 10_000).toFixed(4);
  return aWish(book, { symbol: SYMBOLS[nth % SYMBOLS.length] ?? '', limit, pnl: pnl.toFixed(3) });
}

/**
 * Turns wishes into open orders: admitted, sent, live at the broker. It uses one pipeline, so that 100,000
 * orders take only seconds.
 */
export async function place(book: Book, wishes: readonly OrderWish[]): Promise<void> {
  const { ledger } = book;
  const server = await ledger.serverId();
  defineScripts(ledger.redis, ['admit', 'submit', 'open']);
  const pipeline = ledger.redis.pipeline();
  const scripted = pipeline as unknown as Record<string, (...args: (string | number)[]) => unknown>;
  const add = (script: string, ...args: (string | number)[]) =>
    scripted[commandName(script)]?.(key(ledger.account, 'account'), ...args);
  for (const wish of wishes) {
    add('admit', ...wishArguments(wish, LEASE_MS, server), '', '');
    add('submit', wish.id, LEASE_MS, server);
    add('open', wish.id, `b-${wish.id}`);
  }
  const expected = ['fits', 'send', 'working'];
  for (const [at, [error, reply]] of ((await pipeline.exec()) ?? []).entries()) {
    if (error) throw error;
    assert(
      (reply as string[])[0] === expected[at % 3],
      `an order of the book was not placed: ${String(reply)}`,
    );
  }
}

/**
 * Fills the account up to this many open orders. It sends the next pipeline while the server still works on
 * the one before.
 */
export async function fill(book: Book, orders: number, onProgress: (orders: number) => void): Promise<void> {
  await setRoom(book, notionalMicros('100', String(orders)));
  let placing = Promise.resolve();
  while (book.orders < orders) {
    const wishes = Array.from({ length: Math.min(ORDERS_PER_PIPELINE, orders - book.orders) }, (_, at) =>
      nthWish(book, book.orders + at),
    );
    const next = place(book, wishes);
    await placing;
    placing = next;
    book.orders += wishes.length;
    onProgress(book.orders);
  }
  await placing;
}

/** Sets the account's equity so that exactly this much room is left. */
export async function setRoom(book: Book, roomMicros: Micros): Promise<void> {
  const used = Number(
    await book.ledger.redis.hget(key(book.ledger.account, 'account'), 'orders_micros:total'),
  );
  const { outcome } = await sync(book.ledger, used + roomMicros, await serverTimeMs(book.ledger), []);
  assert(outcome === 'synced', `the room was not set: ${outcome}`);
}

/** Puts all orders of the book into one state, by prices or by recent steals. */
export async function putInto(book: Book, state: State): Promise<void> {
  await forget(book);
  await quote(book, SYMBOLS, PRICE[state], state === 'stale' ? STALE_MS : 0);
  await quote(book, ['THIEF'], '100');
  // The third steal between two symbols begins a fight, which lasts longer than the cooldown of each.
  const past =
    { cooling: [0], fighting: [402_000, 401_000, 400_000], robbed: [400_000] }[state as string] ?? [];
  for (const [nth, agoMs] of past.entries()) {
    for (const symbol of SYMBOLS) {
      await remember(book.ledger, {
        id: `past-${symbol}-${book.made}-${nth}`,
        thiefSymbol: 'PAST',
        victimSymbol: symbol,
        atMs: book.nowMs - agoMs,
      });
    }
  }
}

/** Sets one price for all these symbols, a few at a time, because each may move many orders. */
export async function quote(book: Book, symbols: readonly string[], price: string, ageMs = 0): Promise<void> {
  for (let at = 0; at < symbols.length; at += 10) {
    await tick(
      book.ledger,
      symbols.slice(at, at + 10).map((symbol) => ({ symbol, price, ageMs })),
    );
  }
}

/** Sends one price for all these symbols in one call. */
export async function tickSymbols(book: Book, symbols: readonly string[], price: string): Promise<unknown> {
  return await tick(
    book.ledger,
    symbols.map((symbol) => ({ symbol, price, ageMs: 0 })),
  );
}

/** Sends a hundred prices in one call, none of which moves an order. `nth` alternates between two prices. */
export async function tickInPlace(book: Book, nth: number): Promise<unknown> {
  return await tickSymbols(book, SYMBOLS.slice(0, 100), nth % 2 === 0 ? '102.01' : '102');
}

/**
 * Advances the ledger's time until all cooldowns, fights and steals have expired, and removes them. Then the
 * time is the real one again, unless the book ages.
 */
export async function forget(book: Book): Promise<void> {
  const laterMs = (await currentMs(book)) + 2 * book.historyMs;
  await setClock(book.ledger, { mode: 'scaled', nowMs: laterMs, scale: '1' });
  while ((await sweep(book.ledger, 1_000)).more);
  if (!book.ages) await setClock(book.ledger, { mode: 'real' });
  book.nowMs = book.ages ? laterMs : await serverTimeMs(book.ledger);
}

async function currentMs({ ledger, nowMs, ages }: Book): Promise<number> {
  return ages ? nowMs : await serverTimeMs(ledger);
}
