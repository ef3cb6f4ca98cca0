/**
 * The columns of a forecast and their synonyms. Case, spaces and punctuation of a name do not matter.
 */

export const FIELDS = [
  'symbol',
  'side',
  'limit',
  'quantity',
  'notional',
  'pnl',
  'mode',
  'take_profit',
  'expiry',
  'strategy',
] as const;
export type Field = (typeof FIELDS)[number];

/** A forecast as written: field -> text, without the fields that were empty or missing. */
export type RawValues = { [field in Field]?: string };

const SYNONYMS: Record<Field, readonly string[]> = {
  symbol: ['symbol', 'ticker', 'pair', 'instrument'],
  side: ['side'],
  limit: ['limit', 'limitprice', 'price'],
  quantity: ['quantity', 'qty', 'shares', 'units'],
  notional: ['notional', 'notionalusd', 'usd', 'dollars'],
  pnl: ['pnl', 'forecastedpnl', 'forecastpnl', 'expectedpnl'],
  mode: ['mode'],
  take_profit: ['takeprofit', 'takeprofitprice', 'tp'],
  expiry: ['expiry', 'expires', 'expiresat', 'expiration', 'validuntil'],
  strategy: ['strategy'],
};

const BY_NAME = new Map(FIELDS.flatMap((field) => SYNONYMS[field].map((name) => [name, field] as const)));

/**
 * The field that a column's name means: `takeProfit`, `Take profit` and `TAKE_PROFIT` are the same. Undefined
 * for an unknown name.
 */
export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
