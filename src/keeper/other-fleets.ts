/**
 * Another fleet on the account (docs/decisions/0021): its ledger counts what this one does not, so both would
 * offer the same room. It shows by orders whose ids have the form of ours, `plan_3` or `plan_x1`, and that
 * this ledger, which is in step with the broker, never made. They count like any order that was found; the
 * account is closed (`fleet`) until a person reopens it.
 */
import type { Logger } from 'pino';
import type { BrokerOrder } from '../broker/port.ts';
import { answerOf } from '../ledger/answer.ts';
import { close } from '../ledger/commands/closures.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * A series and its number: `plan_` and 3, `plan_x` and 1. Ids that a broker or a person chooses (UUIDs,
 * words) are of another form.
 */
const OURS = /^([A-Za-z0-9_-]{1,62}_x?)([1-9]\d{0,8})$/;

/**
 * Looks at orders that the ledger does not count.
 * @returns the id of one that is another fleet's: the account is closed then
 */
export async function detectOtherFleet(
  ledger: Ledger,
  orders: readonly Pick<BrokerOrder, 'id' | 'symbol'>[],
): Promise<string | undefined> {
  for (const { id, symbol } of orders) {
    const [, series, number] = OURS.exec(id) ?? [];
    if (
      series === undefined ||
      (await isOurs(ledger, id, series, Number(number))) ||
      !(await isInStep(ledger))
    )
      continue;
    await close(
      ledger,
      'fleet',
      `order ${id} (${symbol}) has an id as this fleet gives them, and this ledger did not make it: does another fleet trade on the account?`,
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
 * Does the ledger remember the order, a plan that came as far, or that the broker had it when the ledger was
 * rebuilt?
 */
async function isOurs(ledger: Ledger, id: string, series: string, number: number): Promise<boolean> {
  if ((await readLedgerOrder(ledger, id)) !== undefined) return true;
  const isExit = series.endsWith('_x');
  const plan = series.slice(0, isExit ? -2 : -1);
  const field = isExit ? 'exit_attempt' : 'attempt';
  const [made] = await answerOf('plan', ledger.redis.hmget(key(ledger.account, `plan:${plan}`), field));
  if (Number(made ?? 0) >= number) return true;
  const [recalled] = await answerOf('attempts', ledger.redis.hmget(key(ledger.account, 'attempts'), series));
  return Number(recalled ?? 0) >= number;
}

/**
 * A ledger that was lost, or is behind a failover, lacks orders of its own: it is rebuilt, and judges nobody.
 */
async function isInStep(ledger: Ledger): Promise<boolean> {
  const server = await ledger.serverId(true);
  const [synced, on] = await answerOf(
    'account',
    ledger.redis.hmget(key(ledger.account, 'account'), 'synced_at_ms', 'server_id'),
  );
  return Number(synced ?? 0) > 0 && on === server;
}
