/** People who place, cancel and change orders at the broker beside the fleet; and another fleet that does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromNanos, toNanos } from '../../../../src/domain/decimal.ts';
import { notionalMicros } from '../../../../src/domain/money.ts';
import { reopen } from '../../../../src/ledger/commands/closures.ts';
import { readLedgerOrder } from '../../../../src/ledger/commands/snapshot.ts';
import { key } from '../../../../src/ledger/keys.ts';
import type { Arena } from '../arena.ts';
import { CHANGED, STRANGE } from '../lives.ts';
import { BASE_DOLLARS, SYMBOLS } from '../market.ts';
import { isNoticed } from './fleet.ts';
import { over, pick, type Strike } from './strike.ts';

/** Longer than a submission that was on its way when the order became known takes. */
const IN_FLIGHT_MS = 3_300;
const KNOWN_LIMIT_MS = 20_000;
const LOOK_MS = 20;
/** How long a person takes at most to reopen the account. */
const REOPEN_MS = 20_000;

export const byHandStrikes: Readonly<Record<string, Strike>> = {
  async order_by_hand(arena, chance) {
    const limit = (BASE_DOLLARS * (chance.next() < 0.5 ? 0.98 : 1.001)).toFixed(2);
    return (
      await place(arena, { id: `hand-${Math.floor(1e9 * chance.next())}-o`, symbol: bought(chance), limit })
    ).cancel;
  },

  async cancel_by_hand({ broker }, chance) {
    const orders = await broker.hand.openOrders();
    if (orders.length === 0) return over;
    const { id, brokerId } = pick(orders, chance);
    broker.cancelledByHand.add(id);
    await broker.hand.cancel(brokerId);
    return over;
  },

  /** The limit of an order is changed in the broker's app: the broker puts another order in its place. */
  async change_by_hand({ broker, ledger }, chance) {
    const orders = (await broker.hand.openOrders()).flatMap(({ limit, ...order }) =>
      limit === null || order.id.endsWith(CHANGED) ? [] : [{ ...order, limit }],
    );
    if (orders.length === 0) return over;
    const { id, brokerId, symbol, side, limit, qty } = pick(orders, chance);
    // Away from the market, or a little to it, by whole cents.
    const cents = 10_000_000n * BigInt(Math.round(20 * chance.next() + 1));
    const to = fromNanos(toNanos(limit) + (chance.next() < 0.5 ? cents : -cents));
    const micros =
      side === 'sell'
        ? notionalMicros(to, qty)
        : Math.max(0, notionalMicros(to, qty) - notionalMicros(limit, qty));
    const mine = { id, symbol, micros, fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
    broker.byHand.push(mine);
    const changed = await broker.change(brokerId, { limit_price: to, client_order_id: `${id}${CHANGED}` });
    if (changed) void until(async () => (await isAt(ledger, id, to)) && ending(mine));
    else mine.untilMs = mine.fromMs;
    if (!changed) throw new Error(`${symbol}: the broker did not change ${id}`);
    return over;
  },

  /** Another fleet's order comes up: the account closes, until a person has looked. */
  async strange_order(arena, chance) {
    const { ledger, rivals } = arena;
    const limit = (BASE_DOLLARS * 0.97).toFixed(2);
    const noticed = isNoticed(ledger);
    const heal = await place(arena, {
      id: `${STRANGE}-${Math.floor(1e9 * chance.next())}_1`,
      symbol: bought(chance),
      limit,
    });
    return async () => {
      if (heal.isLive && !(await noticed))
        rivals.unnoticed.push(`the order ${heal.id}, of another fleet's form, did not close the account`);
      await heal.cancel();
      await until(async () => (await reopen(ledger, 'fleet')) !== 'unknown', REOPEN_MS);
    };
  },
};

function bought(chance: Parameters<Strike>[1]): string {
  return pick(
    SYMBOLS.filter((_, at) => at % 4 !== 0),
    chance,
  );
}

/** Buys 20; what heals cancels it. */
async function place(
  { broker, ledger }: Arena,
  { id, symbol, limit }: { id: string; symbol: string; limit: string },
) {
  const order = { id, symbol, side: 'buy', qty: '20', limit } as const;
  const mine = {
    id,
    symbol,
    micros: notionalMicros(limit, order.qty),
    fromMs: Date.now(),
    untilMs: Number.POSITIVE_INFINITY,
  };
  broker.byHand.push(mine);
  const answer = await broker.hand.submit(order);
  if (answer.kind === 'refused') mine.untilMs = mine.fromMs;
  else
    void until(
      async () => (await ledger.redis.exists(key(ledger.account, `order:${id}`))) === 1 && ending(mine),
    );
  const cancel = async (): Promise<void> => {
    if (answer.kind !== 'confirmed') return;
    broker.cancelledByHand.add(id);
    await broker.hand.cancel(answer.order.brokerId);
  };
  return { id, cancel, isLive: answer.kind === 'confirmed' && answer.order.state === 'live' };
}

/** The ledger counts it from now on; what was on its way before may still arrive. */
function ending(mine: { untilMs: number }): true {
  mine.untilMs = Date.now() + IN_FLIGHT_MS;
  return true;
}

/** Does the ledger count it at this limit, or has it ended meanwhile? */
async function isAt(ledger: Arena['ledger'], id: string, limit: string): Promise<boolean> {
  const order = await readLedgerOrder(ledger, id);
  return order === undefined || order.endedAtMs > 0 || toNanos(order.limit) === toNanos(limit);
}

/**
 * Looks until it is so or the limit is over; Redis may be away meanwhile. The campaign's end does not wait
 * for it.
 */
async function until(so: () => Promise<boolean>, limitMs = KNOWN_LIMIT_MS): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if (await so().catch(() => false)) return;
    await sleep(LOOK_MS, undefined, { ref: false });
  }
}
