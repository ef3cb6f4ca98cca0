/** Each message by which Alpaca refuses an order, and what it is about: a row of the table each. */
import { describe, expect, it } from 'vitest';
import { refusalKind } from '../../src/broker/alpaca/refusals.ts';
import type { RefusalKind } from '../../src/broker/port.ts';

type Case = [kind: RefusalKind, status: number, code: number | undefined, message: string];

const MESSAGES: Case[] = [
  ['account', 403, 40310000, 'new orders are rejected by user request'],
  ['account', 403, 40310100, 'trade denied due to pattern day trading protection'],
  ['account', 403, 40310100, 'potential PDT violation'],
  ['account', 403, 40310000, 'trade denied due to pattern day trading protection'],
  ['account', 403, 40310000, 'account is not authorized to trade'],
  ['account', 403, 40310000, 'account is restricted to liquidation only'],
  ['account', 403, 40310000, 'your account is set to liquidation only'],
  ['account', 403, 40310000, 'account is not active'],
  ['account', 403, 40310000, 'trading is blocked for this account'],

  ['buying_power', 403, 40310000, 'insufficient buying power'],
  ['opposite', 403, 40310000, 'cannot open a long buy while a short sell order is open'],
  ['opposite', 403, 40310000, 'cannot open a short sell while a long buy order is open'],
  ['opposite', 422, 42210000, 'potential wash trade detected. use complex orders'],
  ['opposite', 403, 40310000, 'potential wash trade detected. use complex orders'],
  ['opposite', 403, 40310000, 'opposite side market/stop order exists'],
  ['held', 403, 40310000, 'insufficient qty available for order (requested: 10, available: 4)'],
  [
    'held',
    403,
    40310000,
    'insufficient underlying qty available for covered call (required: 200, available: 0)',
  ],

  ['short', 403, 40310000, 'account is not allowed to short'],
  ['short', 422, 42210000, 'asset LQD cannot be sold short'],
  [
    'price_step',
    422,
    42210000,
    'invalid limit_price 41.085. sub-penny increment does not fulfill minimum pricing criteria',
  ],
  ['price_step', 422, 42210000, 'limit price must be limited to 2 decimal places'],
  ['minimum', 403, 40310000, 'cost basis must be >= minimal amount of order 10'],
  ['not_tradable', 422, 42210000, 'asset "HALT" is not tradable'],
  ['not_tradable', 422, 42210000, 'asset HALT is not active'],
  ['not_tradable', 422, 40010001, 'could not find asset "NOPE"'],
  ['not_tradable', 422, 40010001, 'crypto orders not allowed for account'],
  ['not_tradable', 422, 40010001, 'us_equity orders not allowed for account'],

  ['duplicate', 422, 40010001, 'client_order_id must be unique'],
  ['rate_limited', 429, 42910000, 'rate limit exceeded'],
  ['keys', 401, 40110000, 'request is not authorized'],
  ['keys', 401, undefined, '401 Authorization Required'],
  ['keys', 403, undefined, 'forbidden.'],

  ['order', 422, 42210000, 'fractional orders must be DAY orders'],
  ['order', 422, 42210000, 'invalid crypto time_in_force'],
  ['order', 422, 40010001, 'invalid order type for crypto order'],
  ['order', 403, 40310000, 'order parameters are not changed'],
  ['order', 403, 40310000, 'asset "BRK.A" is not fractionable'],
  ['order', 403, 40310000, 'something that nobody has seen yet'],
  ['order', 400, undefined, 'no message'],
];

describe('A refusal', () => {
  it.each(MESSAGES)('is about %s: %i %s %s', (kind, status, code, message) => {
    expect(refusalKind({ status, code, message }, 'buy')).toBe(kind);
    expect(refusalKind({ status, code, message: message.toUpperCase() }, 'buy')).toBe(kind);
  });

  it.each(['buy', 'sell'] as const)(
    'for want of a balance is about cash of a buy, and about the asset of a sale: %s',
    (side) => {
      const message = 'insufficient balance for USDT (requested: 10, available: 5)';
      expect(refusalKind({ status: 403, code: 40310000, message }, side)).toBe(
        side === 'buy' ? 'buying_power' : 'held',
      );
    },
  );
});
