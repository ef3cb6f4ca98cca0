/** The book as viewers see it, at one instant, and what differs between two of them. */
import type { Refused } from '../../json/history.ts';
import type { Frame, OrderRow, Patch, PlanRow, StealRow } from '../../json/live.ts';
import type { Mirror } from '../../mirror/port.ts';
import { waitingOf } from '../../mirror/waiting.ts';

/** Rows of a list that a frame has; the first of the list. */
const SHOWN = 300;
const STEALS_SHOWN = 50;

type List<Row> = { rows: Row[]; more: number };

/** A frame without the facts that every beat has. */
export type View = Omit<Frame, 'account' | 'atMs' | 'isStale' | 'lastEventId'>;

export function viewOf(mirror: Mirror): View {
  const orders = mirror.worstFirst();
  return {
    status: statusOf(mirror),
    rules: mirror.rules,
    counts: countsOf(orders),
    protected: [...mirror.protected],
    waiting: waitingOf(mirror.plans({})),
    history: [...mirror.past.capacity],
    refused: [...mirror.past.refused],
    past: mirror.past.summary,
    orders: first(orders, SHOWN),
    plans: first(mirror.plans({}), SHOWN),
    steals: first(mirror.steals({}), STEALS_SHOWN),
  };
}

/** What is in `now` and was not in `before`. */
export function patchOf(before: View, now: View): Partial<Patch> {
  const patch: Partial<Patch> = {};
  const last = before.history.at(-1)?.atMs ?? 0;
  const history = now.history.filter(({ atMs }) => atMs > last);
  if (history.length > 0) patch.history = history;
  const refused = now.refused.filter((one) => isNew(one, before.refused));
  if (refused.length > 0) patch.refused = refused;
  if (before.past !== now.past) patch.past = now.past;
  const status = statusPatch(before.status, now.status);
  if (status !== undefined) patch.status = status;
  if (!isSame(before.rules, now.rules)) patch.rules = now.rules;
  if (!isSame(before.counts, now.counts)) patch.counts = now.counts;
  if (!isSame(before.protected, now.protected)) patch.protected = now.protected;
  if (!isSame(before.waiting, now.waiting)) patch.waiting = now.waiting;
  const orders = listPatch<OrderRow>(before.orders, now.orders, ({ id }) => id);
  const plans = listPatch<PlanRow>(before.plans, now.plans, ({ id }) => id);
  const steals = listPatch<StealRow>(before.steals, now.steals, ({ thief, atMs }) => `${thief} ${atMs}`);
  return { ...patch, ...(orders && { orders }), ...(plans && { plans }), ...(steals && { steals }) };
}

/** Only the last step grows. */
function isNew(step: Refused, before: readonly Refused[]): boolean {
  const last = before.at(-1);
  return last === undefined || step.atMs > last.atMs || (step.atMs === last.atMs && !isSame(step, last));
}

function statusOf(mirror: Mirror): View['status'] {
  try {
    return mirror.status();
  } catch {
    return null;
  }
}

function countsOf(orders: readonly OrderRow[]): View['counts'] {
  const unpriced = new Set<string>();
  let takeable = 0;
  let unclear = 0;
  for (const order of orders) {
    if (order.price === null) unpriced.add(order.symbol);
    if (order.victim === 'takeable') takeable += 1;
    if (order.unclear) unclear += 1;
  }
  return { takeable, noPrice: unpriced.size, unclear };
}

function first<Row>(rows: readonly Row[], shown: number): List<Row> {
  return { rows: rows.slice(0, shown), more: Math.max(0, rows.length - shown) };
}

/** The fields that differ; null without an account; undefined for no difference. */
function statusPatch(before: View['status'], now: View['status']): Patch['status'] {
  if (before === null || now === null) return now;
  const differing = Object.entries(now).filter(
    ([name, value]) => !isSame(value, before[name as keyof typeof before]),
  );
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
}

/**
 * `rows`: new or changed ones. `ids`: of all rows, in their order, if that changed. Undefined for no change.
 */
function listPatch<Row>(
  before: List<Row>,
  now: List<Row>,
  idOf: (row: Row) => string,
): (List<Row> & { ids?: string[] }) | undefined {
  const known = new Map(before.rows.map((row) => [idOf(row), row]));
  const rows = now.rows.filter((row) => !isSame(known.get(idOf(row)), row));
  const isReordered =
    before.rows.length !== now.rows.length ||
    now.rows.some((row, at) => idOf(row) !== idOf(before.rows[at] as Row));
  if (rows.length === 0 && !isReordered && before.more === now.more) return undefined;
  return { rows, more: now.more, ...(isReordered && { ids: now.rows.map(idOf) }) };
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (one !== undefined && JSON.stringify(one) === JSON.stringify(other));
}
