/**
 * Detects another fleet on the account (docs/decisions/0021). Its ledger counts other orders than this one,
 * so both would offer the same room. Its orders have ids of our form, `plan_3` or `plan_x1`, that this ledger
 * never made. They count like any order that was found at the broker. The account is closed (`fleet`) until a
 * person reopens it.
 */
import type { Logger } from 'pino';
import type { BrokerOrder } from '../broker/port.ts';
import { answerOf } from '../ledger/answer.ts';
import { close } from '../ledger/commands/closures.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isReconciled } from '../ledger/reconciled.ts';

/**
 * A prefix and an attempt: `plan_` and 3, `plan_x` and 1. Ids that a broker or a person chooses (UUIDs,
 * words) have another form.
 */
const OURS = /^([A-Za-z0-9_-]{1,62}_x?)([1-9]\d{0,8})$/;

/**
 * Checks orders that the ledger does not count.
 * @returns the id of an order of another fleet, for which the account was closed
 */
export async function detectOtherFleet(
  ledger: Ledger,
  orders: readonly Pick<BrokerOrder, 'id' | 'symbol'>[],
): Promise<string | undefined> {
  for (const { id, symbol } of orders) {
    const [, prefix, number] = OURS.exec(id) ?? [];
    if (
      prefix === undefined ||
      (await isOurs(ledger, id, prefix, Number(number))) ||
      !(await isReconciled(ledger, true)) // it lacks orders of its own: it can't judge
    )
      continue;
    await close(
      ledger,
      'fleet',
      `order ${id} (${symbol}) has an id of this fleet's form, but this ledger did not make it: ` +
        'does another fleet trade on the account?',
    );
    return id;
  }
  return undefined;
}

/** As detectOtherFleet, with a warning. */
export async function warnOfOtherFleet(
  ledger: Ledger,
  orders: readonly BrokerOrder[],
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const order = await detectOtherFleet(ledger, orders);
  if (order !== undefined)
    log.warn({ order }, 'another fleet seems to trade on the account: it is closed for entries');
}

/**
 * Does the ledger know the order, a plan with that attempt, or that the broker had the order at the last
 * rebuild?
 */
async function isOurs(ledger: Ledger, id: string, prefix: string, number: number): Promise<boolean> {
  if ((await readLedgerOrder(ledger, id)) !== undefined) return true;
  const isExit = prefix.endsWith('_x');
  const plan = prefix.slice(0, isExit ? -2 : -1);
  const field = isExit ? 'exit_attempt' : 'attempt';
  const [made] = await answerOf('plan', ledger.redis.hmget(key(ledger.account, `plan:${plan}`), field));
  if (Number(made ?? 0) >= number) return true;
  const [recalled] = await answerOf('attempts', ledger.redis.hmget(key(ledger.account, 'attempts'), prefix));
  return Number(recalled ?? 0) >= number;
}
