/**
 * The prices of the ledger, which change without an event. Price and distance of a row follow from them; what
 * the rules make of a price stays the ledger's to say.
 */

/** `price` as the ledger has it; `atMs`: health time. */
export type Quote = { price: string; atMs: number };

/** A quote this much later than now is not believed either (lua/include/clock.lua). */
const AHEAD_LIMIT_MS = 2_000;

/** `quotes`: symbol -> `price nanos health_ms`. Without those that have no price. */
export function readQuotes(hash: Readonly<Record<string, string>>): Map<string, Quote> {
  const quotes = new Map<string, Quote>();
  for (const [symbol, text] of Object.entries(hash)) {
    const [, price, nanos, atMs] = /^(\S+) (\d+) (\d+)$/.exec(text) ?? [];
    if (price !== undefined && Number(nanos) > 0) quotes.set(symbol, { price, atMs: Number(atMs) });
  }
  return quotes;
}

/** The price that may be shown, null when it is missing or too old. */
export function freshPrice(quote: Quote | undefined, healthMs: number, maxAgeMs: number): string | null {
  if (quote === undefined) return null;
  const ageMs = healthMs - quote.atMs;
  return ageMs <= maxAgeMs && -ageMs <= AHEAD_LIMIT_MS ? quote.price : null;
}

type Priced = {
  side: string | null;
  limit: string | null;
  price: string | null;
  distance: number | null;
};

/** The row at this price; the same row if that changes nothing. */
export function priced<Row extends Priced>(row: Row, price: string | null): Row {
  if (row.price === price || row.side === null || row.limit === null) return row;
  return { ...row, price, distance: price === null ? null : distanceOf(row.side, row.limit, price) };
}

/** As lua/inspect/include/format.lua has it, with nine digits. */
function distanceOf(side: string, limit: string, price: string): number {
  const [of, at] = [Number(limit), Number(price)];
  const away = Math.max(0, (side === 'sell' ? of - at : at - of) / of);
  return Number(away.toPrecision(9));
}

/** Did the price cross this one? Then the ledger may protect the order by another rule than before. */
export function isCrossed(edge: string | null, before: string | null, now: string | null): boolean {
  if (edge === null) return false;
  return sideOf(edge, before) !== sideOf(edge, now);
}

/** -1 below, 0 at, 1 above; 2 without a price. */
function sideOf(edge: string, price: string | null): number {
  return price === null ? 2 : Math.sign(Number(price) - Number(edge));
}
