/** Heartbeats of the processes of an account's fleet: lua/host-note.lua. */
import { shortWords } from '../../domain/closure.ts';
import { phrase } from '../arguments.ts';
import type { Ledger } from '../ledger.ts';
import { decode, listOf } from '../reply.ts';

/**
 * Plans that have not entered yet, per entry tolerance. `tolerance`: a share of the limit, or `any`. `plans`:
 * how many have it.
 */
export type TierCount = { tier: string; tolerance: string; plans: number };

/** The part of a heartbeat that only watchers send. */
export type Watching = {
  /** Is New York's core session open now, and until which ledger time does that hold? */
  session: { open: boolean; untilMs: number };
  tiers: readonly TierCount[];
  /** The active cryptos of its plans, best forecast first; `pnl` in USD, a decimal string. */
  cryptos: readonly CryptoForecast[];
  /**
   * Its symbols without a usable quote, and why, for people (src/broker/quote-price.ts). Default: none.
   */
  unpriced?: ReadonlyMap<string, string>;
};

export type CryptoForecast = { symbol: string; pnl: string };

/** One heartbeat. `trouble`: why the process does no work now, for people; '' (default) when it works. */
export type HostNote = {
  host: string;
  role: string;
  fingerprint: string;
  watching?: Watching;
  trouble?: string;
};

/**
 * The answer to a heartbeat: the fingerprint of the account's settings, and the active cryptos of all other
 * hosts.
 */
export type HostAnswer = { fingerprint: string; cryptos: CryptoForecast[] };

/** At most this many symbols without a price are reported; while the market is closed there may be more. */
const MAX_UNPRICED = 100;

/** At most this many cryptos of one host are reported; usually there are a few dozen. */
const MAX_CRYPTOS = 500;

/**
 * Sends a heartbeat. Undefined while there is no such account.
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
