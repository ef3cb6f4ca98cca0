/**
 * Forecasts that a strategy filed for the orders of its bots: a gateway takes them for orders that bring none
 * of their own, and nobody trades them. One hash a strategy, `SYMBOL side` -> `pnl expires_at_ms`, with the
 * probability of a fill behind it where that is not 1. No rule reads it: an order has its own forecast once
 * it is entered.
 */
import { isDecimal, NANOS, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { Side } from '../domain/order.ts';
import { shown } from '../domain/shown.ts';
import { toSymbol } from '../domain/symbol.ts';
import { assertTraded } from '../domain/traded.ts';
import { answerOf, unavailable } from './answer.ts';
import { readClock } from './clock-reading.ts';
import type { SeriesName } from './commands/plan-series.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** `pnl`: USD, a decimal. `fillProbability`: that its limit trades, a decimal from 0 to 1. */
export type Expected = { pnl: string; fillProbability: string };

/**
 * `pnl`: USD, a decimal. `expiresAtMs`: the instant of ledger time at which it ends; 0: never by itself.
 * `over`: it has ended.
 */
export type FiledForecast = Expected & { symbol: string; side: Side; expiresAtMs: number; over: boolean };

type Filing = Pick<FiledForecast, 'pnl' | 'expiresAtMs'> & { fillProbability?: string | undefined };

/** Of one strategy: every stock and crypto of the broker on one side, or 5,000 on both. */
export const MAX_FORECASTS = 10_000;
/** Real time after the latest filing of a strategy, after which all of its forecasts are forgotten. */
const KEEP_MS = 30 * 86_400_000;
/** What an order's PnL can be: nanos below 2^53 (lua/include/decimal.lua). */
const PNL_BELOW = '9007199';
const SIDES: readonly string[] = ['buy', 'sell'];
const STORED = /^(\S+) (\d{1,16})(?: (\S+))?$/;

/**
 * Files a forecast, or another in its place. `exists`: the same was filed before.
 * @throws WorkstealError `invalid` for what no order could have, a time that is over, or one too many;
 *   `unavailable`
 */
export async function fileForecast(
  ledger: Ledger,
  { strategy, symbol, side }: SeriesName,
  { pnl, fillProbability = '1', expiresAtMs }: Filing,
): Promise<'filed' | 'replaced' | 'exists'> {
  assertTraded(symbol);
  const nanos = toNanos(pnl, 'pnl');
  if ((nanos < 0n ? -nanos : nanos) >= toNanos(PNL_BELOW))
    throw invalid('pnl', pnl, `${pnl} is not between -${PNL_BELOW} and ${PNL_BELOW} USD`);
  const probability = toNanos(fillProbability, 'fillProbability');
  if (probability < 0n || probability > NANOS)
    throw invalid('fillProbability', fillProbability, `${fillProbability} is not between 0 and 1`);
  if (!SIDES.includes(side)) throw invalid('side', shown(side), 'is neither buy nor sell');
  if (!Number.isSafeInteger(expiresAtMs) || expiresAtMs < 0)
    throw invalid('expiresAtMs', `${expiresAtMs}`, `${expiresAtMs} is no integer of ms since 1970`);
  if (expiresAtMs !== 0 && expiresAtMs <= (await readClock(ledger)).nowMs)
    throw invalid(
      'expiresAtMs',
      `${expiresAtMs}`,
      `${expiresAtMs} is over by the ledger's clock (ms since 1970)`,
    );
  const name = hashOf(ledger, strategy);
  const field = `${toSymbol(symbol)} ${side}`;
  const value = `${pnl} ${expiresAtMs}${probability === NANOS ? '' : ` ${fillProbability}`}`;
  const filing = ledger.redis.multi().hget(name, field).hset(name, field, value).hlen(name);
  const [before, added, count] = await allOf(filing.pexpire(name, KEEP_MS).exec());
  if (added === 0) return before === value ? 'exists' : 'replaced';
  if (Number(count) > MAX_FORECASTS) {
    await answerOf('forecasts', ledger.redis.hdel(name, field));
    const words = `${strategy} has ${MAX_FORECASTS} forecasts, and may have no more: remove some first`;
    throw invalid('strategy', strategy, words);
  }
  return 'filed';
}

/** `none`: there was no such forecast. @throws WorkstealError `unavailable` */
export async function removeForecast(
  ledger: Ledger,
  { strategy, symbol, side }: SeriesName,
): Promise<'removed' | 'none'> {
  const gone = ledger.redis.hdel(hashOf(ledger, strategy), `${toSymbol(symbol)} ${side}`);
  return (await answerOf('forecasts', gone)) === 1 ? 'removed' : 'none';
}

/** All of a strategy, those that have ended included. @throws WorkstealError `unavailable` */
export async function listForecasts(ledger: Ledger, strategy: string): Promise<FiledForecast[]> {
  const stored = await answerOf('forecasts', ledger.redis.hgetall(hashOf(ledger, strategy)));
  const { nowMs } = await readClock(ledger);
  return Object.entries(stored).flatMap(([field, text]) => {
    const [symbol = '', side = ''] = field.split(' ');
    const read = readStored(text);
    return read === undefined ? [] : [{ symbol, side: side as Side, ...read, over: isOver(read, nowMs) }];
  });
}

/** What is filed now; undefined where it has ended, too. @throws WorkstealError `unavailable` */
export async function readFiledForecast(
  ledger: Ledger,
  { strategy, symbol, side }: SeriesName,
): Promise<Expected | undefined> {
  const text = await answerOf('forecasts', ledger.redis.hget(hashOf(ledger, strategy), `${symbol} ${side}`));
  const read = readStored(text ?? '');
  if (read === undefined) return undefined;
  return read.expiresAtMs !== 0 && isOver(read, (await readClock(ledger)).nowMs) ? undefined : read;
}

function hashOf(ledger: Ledger, strategy: string): string {
  return key(ledger.account, `forecasts:${strategy}`);
}

/** What is not as it was written here is no forecast. */
function readStored(text: string): Omit<FiledForecast, 'symbol' | 'side' | 'over'> | undefined {
  const [, pnl = '', expiresAtMs = '', fillProbability = '1'] = STORED.exec(text) ?? [];
  const isRead = isDecimal(pnl) && isDecimal(fillProbability);
  return isRead ? { pnl, fillProbability, expiresAtMs: Number(expiresAtMs) } : undefined;
}

function isOver({ expiresAtMs }: Pick<FiledForecast, 'expiresAtMs'>, nowMs: number): boolean {
  return expiresAtMs !== 0 && expiresAtMs <= nowMs;
}

async function allOf(executed: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
  const answers = (await answerOf('forecasts', executed)) ?? [];
  for (const [error] of answers) if (error !== null) throw unavailable('forecasts', error);
  return answers.map(([, answer]) => answer);
}

function invalid(field: string, value: string, words: string): WorkstealError {
  return new WorkstealError('invalid', `${field}: ${words}`, { field, value });
}
