import { assert } from '../../domain/errors.ts';
import type { Before, Kind, Mode, OrderState, OrderType, Side } from '../../domain/order.ts';
import { answerOf } from '../answer.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields } from '../reply.ts';

/**
 * An order in the ledger. Micros: integer micro-USD. Times: ms. Prices, quantities and PnL: decimal strings.
 */
export type LedgerOrder = {
  id: string;
  symbol: string;
  side: Side;
  kind: Kind;
  mode: Mode;
  pool: string;
  limit: string;
  /** Of an exit, and of an order that was found at the broker; '' of an entry. */
  type: OrderType | '';
  qty: string;
  pnl: string;
  /** The forecasted probability that its limit trades. */
  fillProbability: string;
  owner: string;
  plan: string;
  state: OrderState;
  needMicros: number;
  heldMicros: number;
  filledQty: string;
  filledMicros: number;
  createdAtMs: number;
  /** Ledger time of its first fill; 0 where none is known, or its only fill was reported with its end. */
  filledSinceMs: number;
  /** Ledger time of its end; 0 while it lives. */
  endedAtMs: number;
  /** Health time of the last change. */
  updatedMs: number;
  /** Health time of the submission; 0: never sent. */
  sentAtMs: number;
  brokerId: string;
  /** What earlier orders had filled that it replaced at the broker. */
  before: Before;
  /** The broker's id of the order that waits to replace it there; '' for none. */
  nextBrokerId: string;
  /**
   * Its limit; what it may fill, with all that was filled before; and the health time until which the broker
   * may still be asked for it. '', '' and 0 for none.
   */
  nextLimit: string;
  nextQty: string;
  nextUntilMs: number;
  /** Somebody changed it at the broker, so its client order id there may be a different one now. */
  amended: boolean;
  /** Its lease ended after it was sent: ask the broker for its state. */
  unclear: boolean;
  /** The steal that takes its room; '' for none. */
  robbedBy: string;
  /** The order of its plan that keeps a part of its room; '' for none. */
  keptAs: string;
  /** The victim of whose room it keeps a part; '' for none. */
  keptOf: string;
  /** Why its cancellation was requested; '' when it was not. */
  cancelReason: string;
  reason: string;
};

/** A position in the ledger. `qty`: unsigned decimal string. `costMicros`: cost of the whole position. */
export type LedgerPosition = {
  symbol: string;
  side: 'long' | 'short';
  qty: string;
  costMicros: number;
  pool: string;
};

export type Snapshot = {
  /** Ledger time, and health time, of the first page. */
  nowMs: number;
  healthMs: number;
  account: Fields;
  settings: Fields;
  positions: LedgerPosition[];
  orders: LedgerOrder[];
};

const PAGE = 500;

/**
 * The account, its positions and all live orders, read page by page. Each page is consistent in itself, the
 * whole is not (lua/snapshot.lua). Undefined when there is no such account.
 */
export async function snapshot(ledger: Ledger): Promise<Snapshot | undefined> {
  const orders = new Map<string, LedgerOrder>();
  let first: Omit<Snapshot, 'orders'> | undefined;
  let cursor = '0';
  do {
    const raw = await ledger.run('snapshot', [cursor, PAGE]);
    assert(Array.isArray(raw), 'snapshot replied no list');
    if (raw[0] !== 'snapshot') {
      decode('snapshot', ['unknown'] as const, raw);
      return undefined;
    }
    const [, next, nowMs, healthMs, account, settings, positions, page] = raw as SnapshotPage;
    first ??= {
      nowMs: Number(nowMs),
      healthMs: Number(healthMs),
      account: pairs(account),
      settings: pairs(settings),
      positions: positions.map(([symbol = '', ...rest]) => positionOf(symbol, pairs(rest))),
    };
    for (const row of page) {
      const order = readOrder(pairs(row));
      if (order.id !== '') orders.set(order.id, order);
    }
    cursor = next;
  } while (cursor !== '0');
  return { ...first, orders: [...orders.values()] };
}

type SnapshotPage = [string, string, string, string, string[], string[], string[][], string[][]];

/**
 * One order by id, ended ones included while they are kept; undefined when there is none.
 * @throws WorkstealError `unavailable`
 */
export async function readLedgerOrder(ledger: Ledger, id: string): Promise<LedgerOrder | undefined> {
  const fields = await answerOf('order', ledger.redis.hgetall(key(ledger.account, `order:${id}`)));
  return fields['id'] === undefined ? undefined : readOrder(fields);
}

function pairs(flat: string[]): Fields {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return fields;
}

function positionOf(symbol: string, f: Fields): LedgerPosition {
  return {
    symbol,
    side: f['side'] === 'short' ? 'short' : 'long',
    qty: f['qty'] ?? '0',
    costMicros: Number(f['cost_micros']),
    pool: f['pool'] ?? '',
  };
}

/** Of the replacement that waits. */
function readNext(f: Fields): Pick<LedgerOrder, 'nextBrokerId' | 'nextLimit' | 'nextQty' | 'nextUntilMs'> {
  return {
    nextLimit: f['next_limit'] ?? '',
    nextBrokerId: f['next_broker_id'] ?? '',
    nextQty: f['next_qty'] ?? '',
    nextUntilMs: Number(f['next_until_ms'] ?? 0),
  };
}

function readKept(f: Fields): { keptAs: string; keptOf: string } {
  return { keptAs: f['kept_as'] ?? '', keptOf: f['kept_of'] ?? '' };
}

function readOrder(f: Fields): LedgerOrder {
  return {
    id: f['id'] ?? '',
    symbol: f['symbol'] ?? '',
    side: f['side'] as Side,
    kind: f['kind'] as Kind,
    mode: f['mode'] as Mode,
    pool: f['pool'] ?? '',
    limit: f['limit'] ?? '',
    type: (f['type'] ?? '') as LedgerOrder['type'],
    qty: f['qty'] ?? '',
    pnl: f['pnl'] ?? '0',
    fillProbability: f['fill_probability'] || '1',
    owner: f['owner'] ?? '',
    plan: f['plan'] ?? '',
    state: f['state'] as OrderState,
    needMicros: Number(f['need_micros'] ?? 0),
    heldMicros: Number(f['held_micros'] ?? 0),
    filledQty: f['filled_qty'] ?? '0',
    filledMicros: Number(f['filled_micros'] ?? 0),
    createdAtMs: Number(f['created_at_ms'] ?? 0),
    filledSinceMs: Number(f['filled_since_ms'] ?? 0),
    endedAtMs: Number(f['ended_at_ms'] ?? 0),
    updatedMs: Number(f['updated_ms'] ?? 0),
    sentAtMs: Number(f['sent_at_ms'] ?? 0),
    brokerId: f['broker_id'] ?? '',
    before: { qty: f['before_qty'] ?? '0', micros: Number(f['before_micros'] ?? 0) },
    ...readNext(f),
    amended: f['amended_ms'] !== undefined,
    unclear: f['unclear'] === '1',
    robbedBy: f['robbed_by'] ?? '',
    ...readKept(f),
    cancelReason: f['cancel_reason'] ?? '',
    reason: f['reason'] ?? '',
  };
}
