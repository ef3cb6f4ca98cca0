/** The processes of an account's fleet as they tell of themselves: lua/host-note.lua. */
import { shortWords } from '../../domain/closure.ts';
import { phrase } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode, listOf } from '../reply.ts';

/**
 * How near the plans that are not entered yet must come: by tier its tolerance (a share of the limit, or
 * `any`) and how many.
 */
export type TierCount = { tier: string; tolerance: string; plans: number };

/** What a watcher sees. */
export type Watching = {
  /** New York's core session now, and the ledger time until which that is so. */
  session: { open: boolean; untilMs: number };
  tiers: readonly TierCount[];
  /** The active cryptos that it carries, the best forecasts first; `pnl` in USD, a decimal string. */
  cryptos: readonly CryptoForecast[];
  /**
   * Its symbols whose quotes are no price, and why, for people (src/broker/quote-price.ts); left out: none.
   */
  unpriced?: ReadonlyMap<string, string>;
};

export type CryptoForecast = { symbol: string; pnl: string };

/** `trouble`: why it stands aside, for people; left out or '' where nothing is wrong. */
export type HostNote = {
  host: string;
  role: string;
  fingerprint: string;
  watching?: Watching;
  trouble?: string;
};

/**
 * What a host is told: the fingerprint of the account's settings, and the active cryptos that all other hosts
 * carry.
 */
export type HostAnswer = { fingerprint: string; cryptos: CryptoForecast[] };

/** Of more symbols without a price, as when the market is shut, so many are told. */
const MAX_UNPRICED = 100;

/** Cryptos of one host; there are a few dozen. */
const MAX_CRYPTOS = 500;

/**
 * Says that this process is there. Undefined while there is no such account.
 * @throws WorkstealError `invalid`, `unavailable`
 */
export async function noteHost(
  ledger: Ledger,
  { host, role, fingerprint, watching, trouble = '' }: HostNote,
): Promise<HostAnswer | undefined> {
  const { session, tiers = [], cryptos = [], unpriced = new Map<string, string>() } = watching ?? {};
  const raw = await ledger.run('host-note', [
    host,
    role,
    fingerprint,
    session === undefined ? '' : phrase('host-note', session.open ? 'open' : 'closed', session.untilMs),
    tiers.map(({ tier, tolerance, plans }) => phrase('host-note', tier, tolerance, plans)).join(';'),
    cryptos
      .slice(0, MAX_CRYPTOS)
      .map(({ symbol, pnl }) => phrase('host-note', symbol, pnl))
      .join(';'),
    shortWords(trouble),
    [...unpriced]
      .slice(0, MAX_UNPRICED)
      .map(([symbol, why]) =>
        phrase('host-note', symbol, shortWords(why).replaceAll(';', ',').slice(0, 150).toWellFormed()),
      )
      .join(';'),
  ]);
  const { outcome, fields } = decode('host-note', ['noted', 'unknown'] as const, raw);
  if (outcome === 'unknown') return undefined;
  const others = listOf(fields, 'cryptos').map((text) => {
    const [symbol = '', pnl = '0'] = text.split(' ');
    return { symbol, pnl };
  });
  return { fingerprint: fields['fingerprint'] ?? '', cryptos: others };
}
