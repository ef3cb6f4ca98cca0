/** The rows of the mirror: the same values that `orders`, `plans`, `steals` and `status` print as JSON. */
import { z } from 'zod';
import { readValues } from '../inspection/reading.ts';
import { ORDERS } from '../json/orders.ts';
import { PLANS } from '../json/plans.ts';
import { STATUS } from '../json/status.ts';
import { STEALS } from '../json/steals.ts';
import type { Ledger } from '../ledger/ledger.ts';

const { schema: _orders, ...ordersShape } = ORDERS.shape;
const { schema: _plans, ...plansShape } = PLANS.shape;
const { schema: _steals, ...stealsShape } = STEALS.shape;
const { schema: _status, ...statusShape } = STATUS.shape;
const orders = z.strictObject(ordersShape);
const plans = z.strictObject(plansShape);
const steals = z.strictObject(stealsShape);
const status = z.strictObject(statusShape);

export type OrderRow = z.output<typeof orders>['orders'][number];
export type PlanRow = z.output<typeof plans>['plans'][number];
export type StealRow = z.output<typeof steals>['steals'][number];
export type Status = z.output<typeof status>;

/**
 * How many rows one script reads: some 40 us each, behind some 80 us. All other commands wait for it, so the
 * slowest admissions take longer by one script.
 */
export const ROWS_PER_SCRIPT = 2;

/** `more`: how many there are that the script left out. */
export type Steals = { steals: StealRow[]; more: number };

const named = (ids: readonly string[], ended: boolean): string[] => [
  ...(ended ? ['ended'] : []),
  ...ids.map((id) => `id:${id}`),
  String(ROWS_PER_SCRIPT),
];

/**
 * The rows of these orders, at most ROWS_PER_SCRIPT; those without a record are left out.
 * @param ended with the reason of their end instead of what protects them
 * @throws WorkstealError `unknown` without the account, `unavailable`
 */
export async function readOrders(ledger: Ledger, ids: readonly string[], ended = false): Promise<OrderRow[]> {
  return orders.parse(await readValues(ledger, { script: 'orders', words: named(ids, ended) })).orders;
}

/** As readOrders, of plans. */
export async function readPlans(ledger: Ledger, ids: readonly string[], ended = false): Promise<PlanRow[]> {
  return plans.parse(await readValues(ledger, { script: 'plans', words: named(ids, ended) })).plans;
}

/** The latest steals, newest first. @throws WorkstealError as readOrders */
export async function readSteals(ledger: Ledger, limit: number): Promise<Steals> {
  return steals.parse(await readValues(ledger, { script: 'steals', words: [String(limit)] }));
}

/**
 * The status without its counts of orders and plans by state, which would need all of them.
 * @throws WorkstealError as readOrders
 */
export async function readStatus(ledger: Ledger): Promise<Status> {
  return status.parse(await readValues(ledger, { script: 'status', words: ['1'] }));
}
