/**
 * The queue for room in the model of a sequence (docs/rules.md, 4.9): plans that were refused for want of
 * room, and whose turn it is. All plans are of one host, and none ends.
 */
import type { OrderWish } from '../../src/domain/order.ts';
import { nanos } from './book.ts';
import {
  cashRoomOf,
  closed,
  type Held,
  type Model,
  type ModelWait,
  needsCash,
  type Queue,
  roomOf,
} from './sequence-book.ts';

/** How long a turn lasts, and how many are named at once. */
const TURN_MS = 150;
const NAMED_LIMIT = 8;
const TURNS_LIMIT = 64;

/** After these answers the attempt goes on; after those it needs no room, or gets none. */
const GOES_ON = new Set(['blocked', 'lock_lost']);
const NO_WAIT = new Set(['stolen', 'closed']);

export function anEmptyQueue(): Queue {
  return { waits: new Map(), turns: new Map(), silent: false };
}

/**
 * A plan's wish was answered. `lack`: what it lacked, null where it was refused before that was looked at.
 */
export function queueBy(
  model: Model,
  wish: OrderWish,
  outcome: string,
  need: bigint,
  lack: Held | null,
): void {
  const { queue } = model;
  const { plan, pool, pnl = '0' } = wish;
  const isLacking = lack !== null && (lack.total > 0n || lack.own > 0n || lack.cash > 0n);
  if (plan === undefined || outcome === 'exists' || (!isLacking && queue.waits.size === 0)) return;
  queue.silent = false;
  queue.turns.delete(plan);
  if (GOES_ON.has(outcome)) return;
  if (!isLacking || NO_WAIT.has(outcome)) queue.waits.delete(plan);
  else queue.waits.set(plan, { need, pool, cash: needsCash(wish), pnl: nanos(pnl) });
}

/** Those whose turn is over and who did not come. */
export function passOver({ queue, healthMs }: Model): string[] {
  const late = [...queue.turns].filter(([, untilMs]) => untilMs <= healthMs).map(([plan]) => plan);
  for (const plan of late) queue.turns.delete(plan);
  queue.silent ||= late.length > 0;
  return late;
}

/** The best that fit beside those whose turn it is, in the order of the queue. `grew`: there is more room. */
export function nameNext(model: Model, grew: boolean): string[] {
  const { queue } = model;
  if (closed(model) !== null || queue.silent) return [];
  const free = new Map(
    ['total', ...Object.keys(model.rules.leverage)].map((pool) => [pool, roomOf(model, pool)]),
  );
  let cash = cashRoomOf(model);
  const poolsOf = ({ pool }: ModelWait): string[] => (pool === undefined ? ['total'] : ['total', pool]);
  const take = (wait: ModelWait): void => {
    for (const pool of poolsOf(wait)) free.set(pool, (free.get(pool) ?? 0n) - wait.need);
    if (wait.cash && cash !== null) cash -= wait.need;
  };
  const fits = (wait: ModelWait): boolean =>
    poolsOf(wait).every((pool) => wait.need <= (free.get(pool) ?? 0n)) &&
    (!wait.cash || cash === null || wait.need <= cash);
  for (const plan of queue.turns.keys()) {
    const wait = queue.waits.get(plan);
    if (wait) take(wait);
  }
  const limit = Math.min(NAMED_LIMIT, (grew ? TURNS_LIMIT : NAMED_LIMIT) - queue.turns.size);
  const named: string[] = [];
  for (const [plan, wait] of inOrder(queue)) {
    if (named.length >= limit) break;
    if (queue.turns.has(plan) || !fits(wait)) continue;
    take(wait);
    named.push(plan);
  }
  for (const plan of named) queue.turns.set(plan, model.healthMs + TURN_MS);
  return named;
}

/** Best first; all were filed at the same time, so then by id. */
export function inOrder({ waits }: Queue): [string, ModelWait][] {
  return [...waits].sort(([one, a], [other, b]) =>
    a.pnl === b.pnl ? (one < other ? -1 : 1) : a.pnl > b.pnl ? -1 : 1,
  );
}
