/**
 * Makes a recorded decision again: the book that it saw is written into a scratch account, and the ledger's
 * own commands decide there, under the same rules or others.
 */
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { admit } from '../ledger/commands/admit.ts';
import { setClock } from '../ledger/commands/clock.ts';
import { configure } from '../ledger/commands/configure.ts';
import { remember } from '../ledger/commands/remember.ts';
import { steal } from '../ledger/commands/steal.ts';
import { sync } from '../ledger/commands/sync.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isInSession } from '../ledger/what-if/book.ts';
import { type Env, readSettings, type Settings } from '../rules/settings.ts';
import type { Recorded } from './lines.ts';
import type { Tables } from './seen.ts';

const LEASE_MS = 86_400_000;
const SYNC_MAX_AGE_MS = 3_600_000;

/** `victims`: ids, worst first. `kept`: `units of ORDER`; ''. */
export type Decided = { outcome: string; victims: string[]; kept: string };

/** Outcomes that the rules which `--set` may change do not decide: they stay as they were. */
const GIVEN = new Set(['halted', 'closed', 'unsynced', 'opposite', 'untakeable', 'superseded', 'barred']);

/** Why a decision can't be made again; undefined: it can. */
export function whyNotAgain({ line }: Recorded): string | undefined {
  if (line.cut) return 'the book was too large to be recorded';
  if (GIVEN.has(line.outcome)) return `${line.outcome} does not depend on these rules`;
  if (line.numbers['why'] !== undefined) return 'its host had other settings than the account';
  if (line.numbers['doubted_price'] !== undefined) return 'a price was in doubt';
  return undefined;
}

export function asDecided({ line }: Recorded): Decided {
  return {
    outcome: line.outcome,
    victims: line.victims.map(({ order }) => order),
    kept: line.kept === null ? '' : `${line.kept.qty} of ${line.kept.order}`,
  };
}

/**
 * The settings in force at a decision, with `changes` on top.
 * @throws WorkstealError `settings` where they do not go together
 */
export function settingsAt({ line, settings }: Recorded, changes: Env): Settings {
  const [total, ...others] = line.pools.filter(({ leverage }) => leverage !== null);
  return readSettings({
    ...settings,
    WORK_STEALING_LEVERAGE: total?.leverage ?? '1',
    WORK_STEALING_POOLS: others.map(({ name, leverage }) => `${name}:${leverage}`).join(','),
    WORK_STEALING_QUOTE_MAX_JUMP: '0',
    ...changes,
  }).settings;
}

/** Those that were not in force then. */
function othersAmong(asked: Env, { settings }: Recorded): Env {
  return Object.fromEntries(Object.entries(asked).filter(([name, value]) => settings[name] !== value));
}

/**
 * Decides again on a scratch account that nobody else uses.
 * @throws WorkstealError `settings`, `unavailable`
 */
export async function decideAgain(ledger: Ledger, recorded: Recorded, asked: Env): Promise<Decided> {
  const { line, tables } = recorded;
  const changes = othersAmong(asked, recorded);
  const settings = settingsAt(recorded, changes);
  const { atMs: nowMs, healthMs } = line;
  // Under another policy first: the change of the policy builds the index of what was written meanwhile.
  const before = { ...settings, policy: settings.policy === 'distance' ? 'pnl' : 'distance' } as Settings;
  const isOpen = isInSession(settings, nowMs);
  await configure(ledger, before, SYNC_MAX_AGE_MS, isOpen, true);
  await setClock(ledger, { mode: 'manual', nowMs, healthMs });
  await sync(ledger, line.equityMicros, healthMs, []);
  for (const [member, atMs] of tables.steals) {
    const [, thiefSymbol = '', victimSymbol = '', id = ''] = /^([^>]+)>([^#]+)#(.+)$/.exec(member) ?? [];
    await remember(ledger, { id, thiefSymbol, victimSymbol, atMs, heldMicros: 0 });
  }
  await writeTables(ledger, recorded, changes);
  await configure(ledger, settings, SYNC_MAX_AGE_MS, isOpen, true);
  await writeCaps(ledger, recorded, changes);
  const { kind, ...terms } = line.wish;
  const wish: OrderWish = { ...terms, kind, owner: 'replay' };
  const admission = await admit(ledger, wish, LEASE_MS);
  const mutex = line.outcome === 'lock_lost' ? 'gone' : '';
  const answer = admission.outcome === 'blocked' ? await steal(ledger, wish, LEASE_MS, mutex) : admission;
  if (answer.outcome === 'exists' || answer.outcome === 'superseded')
    throw new WorkstealError('bug', `${recorded.at}: ${wish.id} is in the scratch ledger already`);
  return {
    outcome: answer.outcome,
    victims: 'victims' in answer ? answer.victims.map(({ id }) => id) : [],
    kept: 'kept' in answer && answer.kept ? `${answer.kept.qty} of ${answer.kept.id}` : '',
  };
}

const MADE_BY: readonly (readonly [table: keyof Tables, name: string, variables: readonly string[]])[] = [
  ['cooldowns', 'cooldowns', ['WORK_STEALING_COOLDOWN']],
  [
    'fighting',
    'fighting',
    ['WORK_STEALING_FIGHT_THRESHOLD', 'WORK_STEALING_FIGHT_WINDOW', 'WORK_STEALING_FIGHT_COOLDOWN'],
  ],
  ['oftenRobbed', 'often_robbed', ['WORK_STEALING_MAX_ROBBED', 'WORK_STEALING_ROBBED_WINDOW']],
];

/** The records as the ledger keeps them, in one step. */
async function writeTables(ledger: Ledger, { line, tables }: Recorded, changes: Env): Promise<void> {
  const at = (name: string): string => key(ledger.account, name);
  const write = ledger.redis.multi();
  for (const [id, order] of tables.orders) {
    write.sadd(at('live'), id);
    write.hset(at(`order:${id}`), {
      ...{ id, symbol: order.symbol, side: order.side, kind: 'entry', mode: 'normal', pool: order.pool },
      ...{ limit: order.limit, qty: order.qty, pnl: order.pnl, fill_probability: order.fillProbability },
      ...{ owner: 'replay', plan: order.plan, state: 'working', need_micros: order.heldMicros },
      ...{ held_micros: order.heldMicros, held_pool_micros: order.heldPoolMicros },
      ...{ held_cash_micros: order.heldCashMicros, filled_qty: order.filledQty, filled_micros: 0 },
      ...{ created_at_ms: order.createdAtMs, updated_ms: line.healthMs, hold_nanos: order.holdNanos },
    });
  }
  for (const [symbol, { price, nanos, atMs }] of tables.quotes)
    write.hset(at('quotes'), symbol, `${price} ${nanos} ${atMs}`);
  for (const [member, atMs] of tables.taken) write.zadd(at('taken'), atMs, member);
  // What protects a symbol now was made by the rules of then; under other rules the history says it again.
  for (const [table, name, variables] of MADE_BY) {
    if (variables.some((variable) => changes[variable] !== undefined)) continue;
    write.del(at(name));
    for (const [symbol, untilMs] of tables[table] as Tables['fighting'])
      write.zadd(at(name), untilMs, symbol);
  }
  await write.exec();
}

/** What counts, and the caps: as they were, unless the leverage is another. */
async function writeCaps(ledger: Ledger, { line }: Recorded, changes: Env): Promise<void> {
  const fields: Record<string, number> = {};
  for (const { name, capMicros, positionsMicros, ordersMicros } of line.pools) {
    fields[`positions_micros:${name}`] = positionsMicros;
    fields[`orders_micros:${name}`] = ordersMicros;
    if (name !== 'total' || changes['WORK_STEALING_LEVERAGE'] === undefined)
      fields[`cap_micros:${name}`] = capMicros;
  }
  await ledger.redis.hset(key(ledger.account, 'account'), fields);
}
