/**
 * The columns of a forecast and their synonyms. Case, spaces and punctuation of a name do not matter.
 */

import { shown } from '../../domain/shown.ts';
import { NO_VALUE } from '../../domain/written.ts';

export const FIELDS = [
  'symbol',
  'side',
  'limit',
  'quantity',
  'notional',
  'pnl',
  'fill_probability',
  'mode',
  'take_profit',
  'expiry',
  'strategy',
] as const;
export type Field = (typeof FIELDS)[number];

/** A forecast as written: field -> text, without empty or missing fields. */
export type RawValues = { [field in Field]?: string };

const SYNONYMS: Record<Field, readonly string[]> = {
  symbol: ['symbol', 'ticker', 'pair', 'instrument'],
  side: ['side'],
  limit: ['limit', 'limitprice', 'price'],
  quantity: ['quantity', 'qty', 'shares', 'units'],
  notional: ['notional', 'notionalusd', 'usd', 'dollars'],
  pnl: ['pnl', 'pl', 'forecastedpnl', 'forecastpnl', 'expectedpnl'],
  fill_probability: ['fillprobability', 'fillprob', 'pfill', 'probabilityoffill'],
  mode: ['mode'],
  take_profit: ['takeprofit', 'takeprofitprice', 'tp'],
  expiry: ['expiry', 'expires', 'expiresat', 'expiration', 'validuntil'],
  strategy: ['strategy'],
};

/**
 * Columns for order features that plans do not support, such as stops and order types, each with its harmless
 * values (those that match what a plan does anyway). A row with any other value is refused, because its plan
 * would not do what the row asks.
 */
const UNSUPPORTED: readonly (readonly [name: RegExp, harmless: readonly string[]])[] = [
  [/stop|trail/, []],
  [/^t?sl\d?(price|pct|percent|perc|bps)?$/, []],
  [/^(max|cut|loss)(loss|limit|cut)(usd|pct|percent)?$/, []],
  [/^(type|ordertype|ordtype)$/, ['limit']],
  [/^(timeinforce|tif|orderduration)$/, []],
  [/^(orderclass|oco|oto|bracket)$/, ['simple']],
  [/^(extendedhours|exthours|outsiderth)$/, []],
];
/** Says in any such column that the row does not use it. */
const UNUSED = /^(false|no)$/i;

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Are the names equal, apart from case, spaces and punctuation? */
export function isSameColumn(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

/** Why a value of an unsupported column is refused, as one sentence; empty when it is accepted. */
export function whyUnsupported(name: string, value: string): string[] {
  const found = UNSUPPORTED.find(([pattern]) => pattern.test(plainName(name)));
  if (found === undefined || value === '' || found[1].includes(value.toLowerCase())) return [];
  if (UNUSED.test(value) || NO_VALUE.test(value)) return [];
  const column = /^[\w-]+$/.test(name) ? name : `"${shown(name, 40)}"`;
  return [
    `${shown(name, 40)} "${shown(value, 40)}" is not followed by plans: take the column out, or give ` +
      `--ignore-columns ${column}`,
  ];
}

/** Is it a column whose values are refused, row by row, unless it is ignored? */
export function isUnsupported(name: string): boolean {
  return UNSUPPORTED.some(([pattern]) => pattern.test(plainName(name)));
}

const BY_NAME = new Map(FIELDS.flatMap((field) => SYNONYMS[field].map((name) => [name, field] as const)));

/**
 * The field of a column name: `takeProfit`, `Take profit` and `TAKE_PROFIT` are the same. Undefined
 * for an unknown name.
 */
export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(plainName(name));
}
