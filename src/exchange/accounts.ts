/**
 * The accounts of an exchange. Each has its own keys, book, positions, equity, judge and rate limit; market,
 * clock and faults are shared. Without a list there is one account. It gets a new number at every start,
 * since it has lost its past, like an account that was reset at a real broker.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { notFound } from '../alpaca-server/errors.ts';
import { fromNanos } from '../domain/decimal.ts';
import { shown } from '../domain/shown.ts';
import type { Market } from '../prices/market.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeSettings } from './options.ts';
import { RateLimit } from './rate-limit.ts';

export type PaperAccount = {
  /** As in GET /v2/account: `account_number` and `id`. */
  number: string;
  id: string;
  /** Cash at the start, a decimal in USD. */
  startCash: string;
  exchange: Exchange;
  limits: { trading: RateLimit; data: RateLimit };
};

type Keys = (key: string, secret: string) => boolean;
type Opened = { account: PaperAccount; fits: Keys };

export class Accounts {
  readonly #opened: readonly Opened[];

  /**
   * @param open creates the exchange of an account: its cash (nanos of a dollar), and the number that its
   *   trade updates are published under
   */
  constructor(
    settings: ExchangeSettings,
    nowMs: () => number,
    open: (cashNanos: bigint, number: string) => Exchange,
  ) {
    const { accounts, accountNumber, key, secret, equity, rateLimit } = settings;
    const single = {
      number: accountNumber ?? `PA${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
      key,
      secret,
      equity,
    };
    this.#opened = (accounts.length === 0 ? [single] : accounts).map((one) => ({
      fits: keysOf(one.key, one.secret),
      account: {
        number: one.number,
        id: randomUUID(),
        startCash: fromNanos(one.equity ?? equity),
        exchange: open(one.equity ?? equity, one.number),
        limits: { trading: new RateLimit(rateLimit, nowMs), data: new RateLimit(rateLimit, nowMs) },
      },
    }));
  }

  all(): PaperAccount[] {
    return this.#opened.map(({ account }) => account);
  }

  /** The first of the list, or the only one. */
  get first(): PaperAccount {
    return (this.#opened[0] as Opened).account;
  }

  /** The account with these keys; undefined when there is none. */
  of(key: string, secret: string): PaperAccount | undefined {
    return this.#opened.find(({ fits }) => fits(key, secret))?.account;
  }

  /** The account with this number, by default the first. @throws AlpacaError 404 */
  named(number: string | undefined): PaperAccount {
    if (number === undefined) return this.first;
    const found = this.#opened.find(({ account }) => account.number === number);
    if (found === undefined) throw notFound(`there is no account ${shown(number)}`);
    return found.account;
  }

  /** Moves the market to now, and every account with it. */
  advance(market: Market, nowMs: number): void {
    for (const step of market.advance(nowMs))
      for (const { account } of this.#opened) account.exchange.matching.moved(step);
    for (const { account } of this.#opened) account.exchange.matching.arrived();
  }
}

/** Compares keys in constant time. An account without keys accepts any. */
function keysOf(key: string | undefined, secret: string | undefined): Keys {
  if (key === undefined || secret === undefined) return () => true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(`${key}\n${secret}`);
  return (givenKey, givenSecret) => timingSafeEqual(digest(`${givenKey}\n${givenSecret}`), expected);
}
