/** Writes a scenario's account into a scratch ledger, with the ledger's own commands only. */
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { dollarsToMicros, notionalMicros } from '../../domain/money.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import { MarketCalendar } from '../../rules/session.ts';
import { followsSession } from '../../rules/session-leverage.ts';
import { type Env, readSettings, type Settings } from '../../rules/settings.ts';
import { admit } from '../commands/admit.ts';
import { adopt } from '../commands/adopt.ts';
import { cancel } from '../commands/cancel.ts';
import { setClock } from '../commands/clock.ts';
import { configure } from '../commands/configure.ts';
import { halt } from '../commands/halt.ts';
import { open } from '../commands/open.ts';
import { remember } from '../commands/remember.ts';
import { submit } from '../commands/submit.ts';
import { sweep } from '../commands/sweep.ts';
import { type SyncedPosition, sync } from '../commands/sync.ts';
import { tick } from '../commands/tick.ts';
import type { Ledger } from '../ledger.ts';
import { quotesOf } from './quotes.ts';
import type { Scenario, ScenarioOrder } from './scenario.ts';

/** Health time stands still while a book is written, so nothing expires; any length will do. */
export const LEASE_MS = 86_400_000;
const SYNC_MAX_AGE_MS = 3_600_000;
const TICK_LIMIT = 1_000;

/** The equity while orders are written, at leverage 1: every order of the scenario fits. */
const ROOMY_MICROS = Number.MAX_SAFE_INTEGER;

/** Rules that matter only at a broker: off in a what-if, unless it sets them. */
const OFF: Env = { WORK_STEALING_SHORT_MARGIN: '0', WORK_STEALING_QUOTE_MAX_JUMP: '0' };

/**
 * The settings of a scenario.
 * @param base settings below the scenario's own `config`; {} for the defaults
 * @throws WorkstealError `settings`
 */
export function settingsOf(
  scenario: Scenario,
  base: Env,
): { settings: Settings; warnings: readonly string[] } {
  const { policy, account, config } = scenario;
  return readSettings({
    ...OFF,
    ...base,
    ...config,
    ...(policy === undefined ? {} : { WORK_STEALING_POLICY: policy }),
    ...(account.leverage === undefined ? {} : { WORK_STEALING_LEVERAGE: account.leverage }),
  });
}

/** Whether the caps are those of the core session: only where they follow it. */
export function isInSession(settings: Settings, nowMs: number): boolean {
  return followsSession(settings) && new MarketCalendar({ closures: settings.nyseClosures }).isOpen(nowMs);
}

/**
 * Writes the orders first, each at its own time and under a cap that is large enough. Then it sets the real
 * cap, and the prices and history as of `now`.
 * @throws WorkstealError `invalid` with the path of the invalid field
 */
export async function writeBook(ledger: Ledger, scenario: Scenario, settings: Settings): Promise<void> {
  const nowMs = Date.parse(scenario.now);
  // Negative equity counts as 0, as the keeper reports it.
  const equityMicros = Math.max(
    0,
    within('account.equity', () => dollarsToMicros(scenario.account.equity, 'down')),
  );
  const positions = readPositions(scenario, settings);
  const at = (ms: number, healthMs = nowMs) => setClock(ledger, { mode: 'manual', nowMs: ms, healthMs });

  const roomy = settings.pools.map(({ name }) => ({ name, leverage: '1' })) as unknown as Settings['pools'];
  const isOpen = isInSession(settings, nowMs);
  await configure(ledger, { ...settings, pools: roomy }, SYNC_MAX_AGE_MS, false, true);
  await within('now', () => at(nowMs));
  await within('positions', () => sync(ledger, ROOMY_MICROS, nowMs, positions));
  await writeOrders(ledger, scenario, settings, at);

  await within('account.equity', () => sync(ledger, equityMicros, nowMs, positions));
  await within('account.leverage', () => configure(ledger, settings, SYNC_MAX_AGE_MS, isOpen, true));
  await at(nowMs);
  await untilUpToDate(ledger);
  const quotes = quotesOf(scenario);
  for (let from = 0; from < quotes.length; from += TICK_LIMIT) {
    await within('price', () => tick(ledger, quotes.slice(from, from + TICK_LIMIT)));
  }
  await writeHistory(ledger, scenario, nowMs);
  if (scenario.account.halted) await halt(ledger, 'scenario');
  if (!scenario.account.synced) await at(nowMs, nowMs + SYNC_MAX_AGE_MS + 1);
}

/** Orders that have become old enough since they were written enter the index, some with each command. */
async function untilUpToDate(ledger: Ledger): Promise<void> {
  while ((await sweep(ledger, 1)).more);
}

type SetTime = (ms: number) => Promise<unknown>;

async function writeOrders(
  ledger: Ledger,
  { orders, now }: Scenario,
  settings: Settings,
  at: SetTime,
): Promise<void> {
  const timed = orders.map((order, index) => ({
    order,
    field: `orders.${index}`,
    placedMs: Date.parse(order.placedAt ?? now),
  }));
  const byTime = Map.groupBy(
    timed.toSorted((a, b) => a.placedMs - b.placedMs),
    ({ placedMs }) => placedMs,
  );
  for (const [placedMs, some] of byTime) {
    await at(placedMs);
    await Promise.all(
      some.map(({ order, field }) => within(field, () => writeOrder(ledger, order, settings))),
    );
  }
}

async function writeOrder(ledger: Ledger, order: ScenarioOrder, settings: Settings): Promise<void> {
  const { id, side, limit, qty } = order;
  const symbol = toSymbol(order.symbol);
  const pool = poolAsked(order.pool, symbol, settings);
  if (order.kind === 'external') {
    const found = {
      id,
      brokerId: `broker-${id}`,
      symbol,
      side,
      limit,
      qty,
      filledQty: '0',
      filledMicros: 0,
      pool,
      reducing: false,
    };
    expect(id, await adopt(ledger, found, 0), 'adopted');
    return;
  }
  const wish = {
    id,
    symbol,
    side,
    kind: order.kind,
    mode: order.mode,
    limit,
    qty,
    pnl: order.pnl ?? '0',
    fillProbability: order.fillProbability ?? '1',
    pool,
    owner: 'scenario',
    ...(order.plan === null || order.kind === 'exit' ? {} : { plan: order.plan ?? id }),
  } as const;
  expect(id, (await admit(ledger, wish, LEASE_MS)).outcome, 'fits');
  if (order.state === 'reserved') return;
  await submit(ledger, id, LEASE_MS);
  await open(ledger, id, `broker-${id}`);
  if (order.state === 'cancelling') await cancel(ledger, id, 'scenario');
}

function expect(id: string, outcome: string, wanted: string): void {
  if (outcome === wanted) return;
  const why =
    outcome === 'exists'
      ? `the id ${id} is used twice; give each order its own id`
      : `the orders up to ${id} add up to more than the ledger can hold`;
  throw new WorkstealError('invalid', why, { field: 'id', value: id });
}

/** Writes the steals up to now, oldest first: each may begin a fight with earlier ones. */
async function writeHistory(ledger: Ledger, { history }: Scenario, nowMs: number): Promise<void> {
  const past = history
    .map(({ at, from, to, held }, index) => ({
      field: `history.${index}`,
      atMs: Date.parse(at),
      from,
      to,
      held,
    }))
    .filter(({ atMs }) => atMs <= nowMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  for (const [index, { field, atMs, from, to, held = '0' }] of past.entries()) {
    await within(field, () =>
      remember(ledger, {
        id: `past-${index}`,
        thiefSymbol: toSymbol(to),
        victimSymbol: toSymbol(from),
        atMs,
        heldMicros: dollarsToMicros(held, 'up'),
      }),
    );
  }
}

function readPositions({ positions }: Scenario, settings: Settings): SyncedPosition[] {
  const seen = new Set<string>();
  return positions.map(({ symbol: spelling, qty: signed, price, pool }, index) =>
    within(`positions.${index}`, () => {
      const symbol = toSymbol(spelling);
      if (seen.has(symbol))
        throw new WorkstealError('invalid', `${symbol} has two positions; add them up into one`, {
          field: 'symbol',
          value: symbol,
        });
      seen.add(symbol);
      const nanos = toNanos(signed, 'qty');
      const qty = fromNanos(nanos < 0n ? -nanos : nanos);
      return {
        symbol,
        side: nanos < 0n ? 'short' : 'long',
        qty,
        costMicros: notionalMicros(price, qty),
        pool: poolAsked(pool, symbol, settings),
      };
    }),
  );
}

/**
 * The pool that a scenario names, or else the one of the symbol's asset class; '' for `total` alone.
 */
export function poolAsked(pool: string | null | undefined, symbol: string, settings: Settings): string {
  if (pool === null || pool === undefined) return poolOfSymbol(symbol, settings);
  return pool === 'total' ? '' : pool;
}

/** Runs it, and adds the scenario's field to an error about an argument. */
function within<T>(field: string, run: () => T): T {
  const rethrow = (error: unknown): never => {
    if (!(error instanceof WorkstealError) || (error.code !== 'invalid' && error.code !== 'contradiction'))
      throw error;
    throw new WorkstealError('invalid', `${field}: ${error.message}`, { ...error.details, field }, error);
  };
  try {
    const result = run();
    return result instanceof Promise ? (result.catch(rethrow) as T) : result;
  } catch (error) {
    return rethrow(error);
  }
}
