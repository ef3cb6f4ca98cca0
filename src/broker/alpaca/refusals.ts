/**
 * Alpaca's refusals as the port's kinds. One code has many meanings, so the message decides where the code
 * does not; the same message comes with 403 and with 422. A refusal that is not in the table is a fault of
 * the order itself.
 */
import type { Side } from '../../domain/order.ts';
import type { RefusalKind } from '../port.ts';

export type AlpacaRefusal = { status: number; code: number | undefined; message: string };

/** All fields of a row must match; the first row that matches decides. `of`: only for orders of that side. */
type Row = { kind: RefusalKind; status?: number; code?: number; message?: RegExp; of?: Side };

const TABLE: readonly Row[] = [
  { kind: 'rate_limited', status: 429 },
  { kind: 'keys', status: 401 },
  { kind: 'keys', status: 403, message: /^(forbidden\.?|request is not authorized\.?)$/i },

  { kind: 'account', code: 40310100 },
  { kind: 'account', message: /pattern day trad/i },
  { kind: 'account', message: /new orders are rejected by user request/i },
  { kind: 'account', message: /account is not (authorized|allowed) to trade/i },
  { kind: 'account', message: /account is (set|restricted) to liquidation only/i },
  {
    kind: 'account',
    message: /account is (not active|inactive|closed|disabled|blocked|suspended|restricted)/i,
  },
  { kind: 'account', message: /trading is (blocked|suspended|not allowed) for (this|the|your) account/i },

  { kind: 'duplicate', message: /client_order_id must be unique/i },
  { kind: 'buying_power', message: /insufficient buying power/i },
  // Crypto is bought with cash. A sale lacks the asset itself, which has nothing to do with buying power.
  { kind: 'buying_power', message: /insufficient balance/i, of: 'buy' },
  { kind: 'held', message: /insufficient balance/i, of: 'sell' },
  { kind: 'held', message: /insufficient (underlying )?qty available/i },

  {
    kind: 'opposite',
    message: /cannot open a (long buy|short sell) while a (short sell|long buy) order is open/i,
  },
  { kind: 'opposite', message: /potential wash trade/i },
  { kind: 'opposite', message: /opposite side (market|limit|stop)?.*order exists/i },

  { kind: 'short', message: /not allowed to short|cannot be sold short|not shortable/i },
  {
    kind: 'price_step',
    message: /sub-penny|minimum pricing criteria|limit price must be limited to \d+ decimal/i,
  },
  { kind: 'minimum', message: /minimal (amount|qty|quantity) of order|minimum (order|amount|qty|quantity)/i },
  { kind: 'not_tradable', message: /asset .*(is not (tradable|active)|not found)|could not find asset/i },
  { kind: 'not_tradable', message: /orders not allowed for account/i },
  { kind: 'not_tradable', message: /(symbol|asset|trading) .*halted/i },
];

/** The kind of a refused submission. */
export function refusalKind({ status, code, message }: AlpacaRefusal, side: Side): RefusalKind {
  const fits = (row: Row): boolean =>
    (row.status === undefined || row.status === status) &&
    (row.code === undefined || row.code === code) &&
    (row.message === undefined || row.message.test(message)) &&
    (row.of === undefined || row.of === side);
  return TABLE.find(fits)?.kind ?? 'order';
}
