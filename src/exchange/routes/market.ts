/** Clock, calendar, assets and latest quotes. */
import type { FastifyInstance } from 'fastify';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { notFound, unprocessable } from '../../alpaca-server/errors.ts';
import { fromNanos } from '../../domain/decimal.ts';
import { cryptoPair, toSymbol } from '../../domain/symbol.ts';
import { isIsoDate } from '../../rules/iso-date.ts';
import { addDays } from '../../rules/new-york.ts';
import type { MarketCalendar, Session } from '../../rules/session.ts';
import type { Exchange } from '../exchange.ts';
import type { Faults } from '../faults.ts';
import { isoNanos, type MarketClock } from '../market-clock.ts';

const MAX_CALENDAR_DAYS = 4000;
const MAX_SYMBOLS = 1000;
const params = z.object({ symbol: z.string() });
const day = z.string().refine((text) => isIsoDate(text.slice(0, 10)));
const calendarQuery = z.object({ start: day.optional(), end: day.optional() });
const assetsQuery = z.object({
  asset_class: z.enum(['us_equity', 'us_option', 'crypto']).optional(),
  status: z.enum(['active', 'inactive']).optional(),
});
const quotesQuery = z.object({ symbols: z.string().min(1).max(25_000) });

export type MarketRoutesParts = {
  exchange: Exchange;
  faults: Faults;
  clock: MarketClock;
  calendar: MarketCalendar;
};

export function marketRoutes(
  app: FastifyInstance,
  { exchange, faults, clock, calendar }: MarketRoutesParts,
): void {
  app.get('/v2/clock', () => {
    const nowMs = clock.marketMs();
    return {
      timestamp: newYork(nowMs, "yyyy-MM-dd'T'HH:mm:ss.SSS'000000'ZZ"),
      is_open: calendar.isOpen(nowMs),
      next_open: newYork(calendar.nextOpen(nowMs)),
      next_close: newYork(calendar.nextClose(nowMs)),
    };
  });

  app.get('/v2/calendar', (request) => {
    const asked = calendarQuery.safeParse(request.query);
    if (!asked.success) throw unprocessable('start and end are days (yyyy-mm-dd)');
    const today = newYork(clock.marketMs(), 'yyyy-MM-dd');
    const start = asked.data.start?.slice(0, 10) ?? addDays(today, -365);
    return tradingDays(
      calendar,
      start,
      asked.data.end?.slice(0, 10) ?? addDays(start > today ? start : today, 365),
    );
  });

  app.get('/v2/assets', (request) => {
    const asked = assetsQuery.parse(request.query);
    return exchange
      .symbols()
      .map((symbol) => assetJson(exchange, faults, symbol))
      .filter((asset) => asked.asset_class === undefined || asset.class === asked.asset_class)
      .filter((asset) => asked.status === undefined || asset.status === asked.status);
  });

  app.get('/v2/assets/:symbol', (request) =>
    assetJson(exchange, faults, toSymbol(params.parse(request.params).symbol)),
  );

  app.get('/v2/stocks/quotes/latest', (request) => latestQuotes(request.query, 'stock'));

  app.get('/v1beta3/crypto/us/latest/quotes', (request) => latestQuotes(request.query, 'crypto'));

  app.get('/v2/stocks/trades/latest', (request) => latestTrades(request.query, 'stock'));

  app.get('/v1beta3/crypto/us/latest/trades', (request) => latestTrades(request.query, 'crypto'));

  /**
   * Bid and ask are both the market's price. `t` is the price's real time, so that the Date header minus `t`
   * is the quote's age at any speed of the market. Symbols without a price are left out.
   */
  function latestQuotes(query: unknown, assetClass: 'stock' | 'crypto'): { quotes: Record<string, object> } {
    const asked = quotesQuery.safeParse(query);
    if (!asked.success) throw unprocessable('symbols is required', 40010000);
    const names = asked.data.symbols.split(',').slice(0, MAX_SYMBOLS);
    const zero = new Set(faults.settings().zeroQuotes.map(toSymbol));
    const quotes: Record<string, object> = {};
    for (const name of names) {
      const symbol = toSymbol(name.trim());
      const price = exchange.quote(symbol);
      if (!price || exchange.asset(symbol)?.info.assetClass !== assetClass) continue;
      const value = zero.has(symbol) ? 0 : Number(fromNanos(price.priceNanos));
      const t = isoNanos(BigInt(Math.floor(clock.toRealMs(price.atMs))) * 1_000_000n);
      const size = value === 0 ? 0 : 100;
      quotes[name.trim()] = {
        ap: value,
        as: size,
        bp: value,
        bs: size,
        t,
        ...(assetClass === 'stock' && { ax: 'V', bx: 'V', c: ['R'], z: 'C' }),
      };
    }
    return { quotes };
  }

  /** The last trade has the market's price, even where a fault makes the quotes 0. */
  function latestTrades(query: unknown, assetClass: 'stock' | 'crypto'): { trades: Record<string, object> } {
    const asked = quotesQuery.safeParse(query);
    if (!asked.success) throw unprocessable('symbols is required', 40010000);
    const trades: Record<string, object> = {};
    for (const name of asked.data.symbols.split(',').slice(0, MAX_SYMBOLS)) {
      const symbol = toSymbol(name.trim());
      const price = exchange.quote(symbol);
      if (!price || exchange.asset(symbol)?.info.assetClass !== assetClass) continue;
      const t = isoNanos(BigInt(Math.floor(clock.toRealMs(price.atMs))) * 1_000_000n);
      trades[name.trim()] = { p: Number(fromNanos(price.priceNanos)), s: 100, t };
    }
    return { trades };
  }
}

function newYork(ms: number, format = "yyyy-MM-dd'T'HH:mm:ssZZ"): string {
  return DateTime.fromMillis(Math.floor(ms), { zone: 'America/New_York' }).toFormat(format);
}

function tradingDays(calendar: MarketCalendar, start: string, end: string): object[] {
  const days: object[] = [];
  let date = start;
  for (let count = 0; date <= end; count += 1) {
    if (count >= MAX_CALENDAR_DAYS) throw unprocessable(`at most ${MAX_CALENDAR_DAYS} days per request`);
    const session = calendar.session(date);
    if (session) days.push(dayJson(session, calendar));
    date = addDays(date, 1);
  }
  return days;
}

function dayJson(session: Session, calendar: MarketCalendar): object {
  return {
    date: session.date,
    open: newYork(session.openMs, 'HH:mm'),
    close: newYork(session.closeMs, 'HH:mm'),
    session_open: '0400',
    session_close: session.early ? '1700' : '2000',
    settlement_date: newYork(calendar.nextOpen(session.openMs), 'yyyy-MM-dd'),
  };
}

type AssetJson = { class: string; status: string; [field: string]: unknown };

function assetJson(exchange: Exchange, faults: Faults, symbol: string): AssetJson {
  const asset = exchange.asset(symbol);
  if (!asset) throw notFound(`asset not found for ${symbol}`);
  const crypto = asset.info.assetClass === 'crypto';
  const pair = cryptoPair(symbol);
  return {
    id: asset.id,
    class: crypto ? 'crypto' : 'us_equity',
    exchange: crypto ? 'CRYPTO' : 'NASDAQ',
    symbol: pair ? `${pair.base}/${pair.quote}` : symbol,
    name: symbol,
    status: faults.inactive(symbol) ? 'inactive' : 'active',
    tradable: !faults.inactive(symbol) && !faults.halted(symbol),
    marginable: !crypto,
    shortable: !crypto && faults.shortable(symbol),
    easy_to_borrow: !crypto && faults.shortable(symbol),
    fractionable: true,
    attributes: crypto ? [] : ['fractional_eh_enabled'],
    ...(crypto && {
      min_order_size: '0.000000001',
      min_trade_increment: '0.000000001',
      price_increment: '0.000000001',
    }),
  };
}
