/** Runs a sequence on the ledger and on the model, and compares them after every command. */
import { expect } from 'vitest';
import { fromNanos } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { microsToDollars } from '../../src/domain/money.ts';
import { isFinal, type OrderWish } from '../../src/domain/order.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { amend } from '../../src/ledger/commands/amend.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { cancel } from '../../src/ledger/commands/cancel.ts';
import { tellCash } from '../../src/ledger/commands/cash.ts';
import { fill } from '../../src/ledger/commands/fill.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { open } from '../../src/ledger/commands/open.ts';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { remember } from '../../src/ledger/commands/remember.ts';
import { renew } from '../../src/ledger/commands/renew.ts';
import { resume } from '../../src/ledger/commands/resume.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { steal } from '../../src/ledger/commands/steal.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { tick } from '../../src/ledger/commands/tick.ts';
import { readEvent } from '../../src/ledger/events.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Fields } from '../../src/ledger/reply.ts';
import { type LiveDecision, whatIf } from '../../src/ledger/what-if/live.ts';
import { NOW_MS, type TestAccount } from '../support/ledger.ts';
import {
  bringUpToDate,
  capOf,
  cashHeld,
  type Model,
  type ModelOrder,
  onRecord,
  roomOf,
  type SequenceRules,
  tellCash as tellCashTo,
  usedOf,
} from './sequence-book.ts';
import type { Choice, Past, WishChoice } from './sequence-commands.ts';
import * as expected from './sequence-commands.ts';
import { anEmptyQueue, inOrder, nameNext, passOver } from './sequence-queue.ts';
import { quoted, regretsOf } from './sequence-watches.ts';

const LEASE_MS = 60_000;
/** Of plans: no host of a sequence is gone. */
const LONG_MS = 1_000_000_000;
const CASH_APART_MS = 5_000;
export const EQUITY_DOLLARS = 400;
const POOLS = ['total', 'crypto', 'stock'];

/** How often each command had each outcome, for the suite to show that it went everywhere. */
export type Tally = Map<string, number>;

type Sent = { script: string; args: readonly (string | number)[]; order: string };
type Run = {
  account: TestAccount;
  ledger: Ledger;
  model: Model;
  sent: Sent[];
  effective: (order: string) => void;
  tally: Tally;
  made: number;
  /** The last event that was read, and what the model says since: whose turn, and who was passed over. */
  events: { read: string; meant: string[] };
};

/** `account` is fresh, with an equity of EQUITY_DOLLARS. */
export async function runSequence(
  account: TestAccount,
  rules: SequenceRules,
  { past, choices }: { past: Past[]; choices: Choice[] },
  tally: Tally,
): Promise<void> {
  const model: Model = {
    rules,
    nowMs: NOW_MS,
    healthMs: NOW_MS,
    syncedMs: NOW_MS,
    halted: false,
    equityMicros: BigInt(EQUITY_DOLLARS) * 1_000_000n,
    quotes: new Map(),
    orders: new Map(),
    positions: new Map(),
    steals: new Map(),
    history: [],
    watches: [],
    fights: new Map(),
    bars: new Map(),
    cash: null,
    queue: anEmptyQueue(),
  };
  let last: Omit<Sent, 'order'> = { script: '', args: [] };
  const ledger: Ledger = {
    ...account.ledger,
    run(script, args) {
      last = { script, args };
      return account.ledger.run(script, args);
    },
  };
  const sent: Sent[] = [];
  const run: Run = {
    account,
    ledger,
    model,
    sent,
    effective: (order) => void sent.push({ ...last, order }),
    tally,
    made: 0,
    events: { read: '-', meant: [] },
  };
  await filePlans(account);
  for (const [at, { thief, victim, ageMs }] of past.entries()) {
    const [thiefSymbol, victimSymbol, atMs] = [
      expected.SYMBOLS[thief] ?? '',
      expected.SYMBOLS[victim] ?? '',
      NOW_MS - ageMs,
    ];
    const heldMicros = (at % 3) * 100_000_000;
    await remember(ledger, { id: `past${at}`, thiefSymbol, victimSymbol, atMs, heldMicros });
    model.history.push({ atMs, from: victimSymbol, to: thiefSymbol, held: BigInt(heldMicros) });
  }
  await price(run, { kind: 'prices', symbols: 31, share: 0, ageMs: 0 });
  await compareTurns(run);
  for (const choice of choices) {
    const over = POOLS.map((pool) => overOf(model, pool));
    const mayPass = await carryOut(run, choice);
    await compare(run);
    await compareTurns(run);
    // I1. A pool's share may also move when a fill joins a position that counts in another pool.
    if (!mayPass) expect(overOf(model, 'total')).toBeLessThanOrEqual(over[0] ?? 0n);
    if (['admit', 'steal', 'place'].includes(choice.kind))
      expect(POOLS.map((pool) => overOf(model, pool))).toEqual(over);
  }
}

/** All plans of a sequence, of one host that keeps them. */
async function filePlans({ ledger }: TestAccount): Promise<void> {
  for (const { id, symbol } of expected.PLANS)
    await filePlan(ledger, {
      ...{ id, symbol, side: 'buy', mode: 'normal', limit: '10', qty: '10', pnl: '0', pool: '' },
      ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'sequence' },
    });
  await claimPlans(ledger, 'host', LONG_MS, 500);
}

/**
 * After a command of the ledger: who is passed over, and whose turn it is. `before`: the room of `total` when
 * the command began; undefined for one that names without a look at it.
 */
function noteTurns({ model, events, tally }: Run, before?: bigint): void {
  const count = (what: string, plans: string[]): void => {
    if (plans.length === 0) return;
    events.meant.push(`${what} ${plans.join(';')}`);
    tally.set(what, (tally.get(what) ?? 0) + 1);
  };
  const passed = passOver(model);
  const next = nameNext(model, before !== undefined && roomOf(model, 'total') > before);
  count('passed_over', passed.sort());
  count('turn', next);
}

/** The ledger named the same plans, one event a command, and has the same queue. */
async function compareTurns({ account, ledger, model, events }: Run): Promise<void> {
  const [entries, waiting] = await Promise.all([
    ledger.redis.xrange(key(account.name, 'events'), events.read, '+'),
    ledger.redis.zrange(key(account.name, 'waiting'), 0, '-1'),
  ]);
  const told = entries
    .map(([id, flat]) => readEvent(id, flat))
    .filter(({ type }) => type === 'turn' || type === 'passed_over')
    .map(({ type, fields }) => {
      const plans = (fields['plans'] ?? '').split(';');
      return `${type} ${(type === 'turn' ? plans : plans.sort()).join(';')}`;
    });
  expect(waiting.map((member) => member.slice(16))).toEqual(inOrder(model.queue).map(([plan]) => plan));
  expect(told).toEqual(events.meant);
  const end = entries.at(-1)?.[0];
  if (end !== undefined) events.read = `(${end}`;
  events.meant = [];
}

/** By how much a pool is above its cap. */
function overOf(model: Model, pool: string): bigint {
  const over = usedOf(model, pool) - capOf(model, pool);
  return over > 0n ? over : 0n;
}

/** Returns whether the command may leave more than the cap in use: a lowered cap. */
async function carryOut(run: Run, choice: Choice): Promise<boolean> {
  const { account, ledger, model, tally } = run;
  const room = roomOf(model, 'total');
  const count = (outcome: string): void =>
    void tally.set(`${choice.kind} ${outcome}`, (tally.get(`${choice.kind} ${outcome}`) ?? 0) + 1);
  switch (choice.kind) {
    case 'admit':
    case 'steal':
    case 'place':
      count(await attempt(run, choice.kind, choice.wish));
      return false;
    case 'prices':
      await price(run, choice);
      noteTurns(run, room);
      return false;
    case 'advance':
      await account.advanceLedger(choice.ledgerMs);
      model.nowMs += choice.ledgerMs;
      await account.advanceHealth(choice.healthMs);
      model.healthMs += choice.healthMs;
      bringUpToDate(model);
      noteTurns(run);
      return false;
    case 'sync':
      await reconcile(run, choice.dollars, choice.cash);
      return true;
    case 'sweep':
      await sweep(ledger, 1_000);
      expected.sweep(model);
      noteTurns(run, room);
      return false;
    case 'halt':
    case 'resume':
      expect(await (choice.kind === 'halt' ? halt : resume)(ledger, 'test')).toBe(
        model.halted === (choice.kind === 'halt') ? 'exists' : choice.kind === 'halt' ? 'halted' : 'resumed',
      );
      model.halted = choice.kind === 'halt';
      noteTurns(run, room);
      return false;
    case 'replay':
      await replay(run, choice.command);
      return false;
    default: {
      const mayPass = await handle(run, choice, count);
      // What is free decides whose turn it is, to the micro.
      takeCosts(model, await snapshot(ledger));
      noteTurns(run, room);
      return mayPass;
    }
  }
}

async function attempt(run: Run, kind: 'admit' | 'steal' | 'place', choice: WishChoice): Promise<string> {
  const { account, ledger, model } = run;
  run.made += 1;
  const of = expected.wishOf(choice, run.made);
  const { id } = of.wish;
  const room = roomOf(model, 'total');
  const foretold = await whatIf(account.ledger, of.wish);
  if (kind === 'steal') {
    const told = await steal(ledger, of.wish, of.leaseMs, '');
    expectForetold(foretold, told);
    const { outcome, victims, wouldFight, kept } = expected.steal(model, of);
    noteTurns(run, room);
    const answer = { victims: [] as { id: string }[], wouldFight: [] as string[], ...told };
    const part = 'kept' in told && told.kept ? [told.kept] : [];
    expect(part.map(({ id, qty, heldMicros }) => [id, qty, microsToDollars(heldMicros)])).toEqual(
      kept.map(({ order, qty, notional }) => [order, qty, notional]),
    );
    if (kept.length > 0) run.tally.set('steal keeps', (run.tally.get('steal keeps') ?? 0) + 1);
    expect({
      outcome: told.outcome,
      victims: answer.victims.map((victim) => victim.id),
      wouldFight: [...answer.wouldFight].sort(),
    }).toEqual({
      outcome,
      victims,
      wouldFight: [...wouldFight].sort(),
    });
    if (outcome === 'stolen' || outcome === 'fits') run.effective(id);
    noteBeside(run, of.wish, outcome);
    if (wouldFight.length > 0) run.tally.set('steal passed a fight', 1);
    return outcome;
  }
  const told = await admit(ledger, of.wish, of.leaseMs);
  const { outcome } = expected.admit(model, of);
  noteTurns(run, room);
  expect(told.outcome).toBe(outcome);
  // A what-if goes on where admit says that it may steal.
  if (told.outcome === 'blocked') expect(foretold.reason).not.toBe('fits');
  else expectForetold(foretold, told);
  noteBeside(run, of.wish, outcome);
  if (outcome !== 'fits') return outcome;
  run.effective(id);
  if (kind === 'admit') return outcome;
  const order = model.orders.get(id) as ModelOrder;
  const left = roomOf(model, 'total');
  const submission = expected.submit(model, order, LEASE_MS);
  expect((await submit(ledger, id, LEASE_MS)).outcome).toBe(submission);
  noteTurns(run, left);
  if (submission !== 'send') return submission;
  run.effective(id);
  expect(await open(ledger, id, `b-${id}`)).toBe(expected.open(model, order));
  run.effective(id);
  return of.wish.kind === 'exit' ? 'exit works' : 'works';
}

/** Counts entries that got room while an exit of the other side of their symbol was live. */
function noteBeside({ model, tally }: Run, { symbol, side, kind }: OrderWish, outcome: string): void {
  if (kind === 'exit' || (outcome !== 'fits' && outcome !== 'stolen')) return;
  const others = [...model.orders.values()].filter(
    ({ wish, state }) => wish.symbol === symbol && wish.side !== side && !isFinal(state),
  );
  if (others.length > 0) tally.set('beside an exit', (tally.get('beside an exit') ?? 0) + 1);
}

/** The what-if before an attempt said what the attempt then did, with the same numbers. */
function expectForetold(
  { reason, victims, wouldVictims, numbers }: LiveDecision,
  told: { outcome: string; victims?: readonly { id: string }[]; numbers?: Fields },
): void {
  expect({ reason, victims: [...victims, ...wouldVictims], numbers }).toEqual({
    reason: told.outcome,
    victims: told.victims ?? [],
    numbers: told.numbers,
  });
}

async function price(
  { ledger, model }: Run,
  { symbols, share, ageMs }: Extract<Choice, { kind: 'prices' }>,
): Promise<void> {
  const quotes = expected.SYMBOLS.filter((_, at) => (symbols >> at) % 2 === 1).map((symbol) => ({
    symbol,
    price: expected.priceOf(share, symbol),
    ageMs,
  }));
  await tick(ledger, quotes);
  for (const { symbol, price: told } of quotes) {
    model.quotes.set(symbol, { price: told, atMs: model.healthMs - ageMs });
    quoted(model, symbol, told);
  }
}

async function reconcile(run: Run, dollars: number, cash: number | null): Promise<void> {
  const { account, model } = run;
  const told = cash === null ? undefined : cash * 1_000_000;
  expect(await tellCash(account.ledger, told, account.healthMs(), CASH_APART_MS)).toBe('told');
  const room = roomOf(model, 'total');
  tellCashTo(model, told === undefined ? null : BigInt(told), CASH_APART_MS);
  noteTurns(run, room);
  const positions = [...model.positions].map(([symbol, { side, qty, micros, pool }]) => ({
    symbol,
    side,
    qty: fromNanos(qty),
    costMicros: Number(micros),
    pool,
  }));
  expect(await account.sync(`${dollars}`, positions)).toMatchObject({
    outcome: 'synced',
    corrected: [],
    doubted: [],
  });
  model.equityMicros = BigInt(dollars) * 1_000_000n;
  model.syncedMs = model.healthMs;
  noteTurns(run, room);
}

type OrderChoice = Extract<Choice, { order: number }>;

async function handle(run: Run, choice: OrderChoice, count: (outcome: string) => void): Promise<boolean> {
  const { ledger, model } = run;
  const cancelling = (order: ModelOrder): boolean => order.state === 'cancelling';
  const live = (order: ModelOrder): boolean => choice.order % 5 === 0 || !isFinal(order.state);
  const order =
    (choice.kind === 'settle' && choice.victim
      ? expected.pick(model, choice.order, cancelling)
      : undefined) ?? expected.pick(model, choice.order, live);
  if (order === undefined) return false;
  const { id } = order.wish;
  const note = (outcome: string): void => {
    count(outcome);
    if (outcome !== 'contradiction') run.effective(id);
  };
  switch (choice.kind) {
    case 'submit': {
      const { outcome } = await submit(ledger, id, LEASE_MS);
      expect(outcome).toBe(expected.submit(model, order, LEASE_MS));
      if (outcome === 'send') note(outcome);
      return false;
    }
    case 'open':
      note(await same(open(ledger, id, brokerIdOf(order)), expected.open(model, order)));
      return false;
    case 'amend': {
      const was = brokerIdOf(order);
      const { symbol, side } = order.wish;
      const terms = {
        id,
        brokerId: brokerIdOf({ ...order, amended: order.amended + 1 }),
        symbol,
        side,
        qty: choice.qty,
      };
      const change = {
        was,
        terms,
        limit: choice.limit,
        before: { qty: '0', micros: 0 },
        takes: 'now',
      } as const;
      note(await same(amend(ledger, change), expected.amend(model, order, choice.limit, choice.qty)));
      return true;
    }
    case 'cancel':
      count(await same(cancel(ledger, id, 'test'), expected.cancel(order)));
      if (isFinal(order.state) || order.state === 'cancelling') run.effective(id);
      return false;
    case 'release': {
      const outcome = await same(release(ledger, id, 'test'), expected.release(model, order));
      count(outcome);
      if (outcome === 'released') run.effective(id);
      return false;
    }
    case 'renew':
      expect(await renew(ledger, 'host', LEASE_MS, [id])).toEqual(expected.renew(model, order, LEASE_MS));
      return false;
    case 'fill': {
      const { filled, micros } = expected.tenthsOf(order, choice.tenths);
      note(
        await same(
          fill(ledger, id, fromNanos(filled), Number(micros)),
          expected.fill(model, order, filled, micros),
        ),
      );
      return mayTurn(order);
    }
    case 'settle': {
      const tenths = choice.state === 'filled' ? 10 : choice.tenths;
      const { filled, micros } = expected.tenthsOf(order, tenths);
      const ending = {
        state: choice.state,
        filledQty: fromNanos(filled),
        costMicros: Number(micros),
        reason: 'test',
      };
      const had = model.orders.size;
      const model_ = expected.settle(model, order, choice.state, filled, micros);
      const told = await outcomeOf(settle(ledger, id, ending));
      expect({ outcome: told.outcome, steal: 'steal' in told ? told.steal?.state : undefined }).toEqual({
        steal: undefined,
        ...model_,
      });
      if (model.orders.size > had) count('part kept');
      note(model_.steal === undefined ? model_.outcome : `${model_.outcome} ${model_.steal}`);
      return mayTurn(order);
    }
  }
}

/** An exit that a person made larger at the broker may sell more than is held. */
function mayTurn({ wish, amended }: ModelOrder): boolean {
  return wish.kind === 'exit' && amended > 0;
}

/** The broker's id of it: another one after each change. */
function brokerIdOf({ wish, amended }: ModelOrder): string {
  return amended === 0 ? `b-${wish.id}` : `b-${wish.id}-${amended}`;
}

async function outcomeOf<T extends { outcome: string }>(
  answer: Promise<T>,
): Promise<T | { outcome: 'contradiction' }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'contradiction')
      return { outcome: 'contradiction' };
    throw error;
  }
}

async function same(answer: Promise<string>, outcome: string): Promise<string> {
  expect((await outcomeOf(answer.then((told) => ({ outcome: told })))).outcome).toBe(outcome);
  return outcome;
}

/** An earlier command that had its effect, once more: whatever it answers, nothing changes (I6). */
async function replay({ account, model, sent, tally }: Run, at: number): Promise<void> {
  const kept = sent.filter(({ order }) => model.orders.has(order));
  const again = kept[at % Math.max(1, kept.length)];
  if (again === undefined) return;
  const before = await account.book();
  const [outcome] = (await account.ledger.run(again.script, again.args)) as [string];
  expect(await account.book(), `${again.script} ${again.args.join(' ')} -> ${outcome}`).toEqual(before);
  tally.set('replay', (tally.get('replay') ?? 0) + 1);
}

/** What steals came to, but for the sums of rules: all steals of an account are under the same. */
async function regretsIn({ ledger, name }: TestAccount): Promise<Record<string, string>> {
  const { account, ...rest } = await ledger.redis.hgetall(key(name, 'regrets'));
  const rules = Object.keys(rest).filter((field) => field.startsWith('rules '));
  expect(rules.map((field) => rest[field])).toEqual(account === undefined ? [] : [account]);
  for (const field of rules) delete rest[field];
  return { ...(account === undefined ? {} : { account }), ...rest };
}

/** A share of a cost may be two micros above the exact one, never below. From then on the ledger's counts. */
function takeCosts(model: Model, held: Awaited<ReturnType<typeof snapshot>>): void {
  for (const { symbol, costMicros } of held?.positions ?? []) {
    const position = model.positions.get(symbol);
    expect(BigInt(costMicros) - (position?.micros ?? 0n), symbol).toBeOneOf([0n, 1n, 2n]);
    if (position) position.micros = BigInt(costMicros);
  }
}

async function compare({ account, ledger, model, tally }: Run): Promise<void> {
  const [held, outbox, audited] = await Promise.all([snapshot(ledger), account.outbox(), audit(ledger)]);
  const live = [...model.orders.values()].filter(({ state }) => !isFinal(state));
  const byId = <T extends { id: string }>(list: T[]): T[] => list.sort((a, b) => (a.id < b.id ? -1 : 1));
  const told = held?.orders.map(({ id, state, heldMicros, filledQty, filledMicros, robbedBy, sentAtMs }) => {
    return { id, state, heldMicros, filledQty, filledMicros, robbedBy, sent: sentAtMs > 0 };
  });
  const meant = live.map(({ wish, state, held: micros, filled, filledMicros, robbedBy, sent }) => {
    const order = {
      id: wish.id,
      state,
      heldMicros: Number(micros),
      filledQty: fromNanos(filled),
      filledMicros: Number(filledMicros),
    };
    return { ...order, robbedBy: robbedBy ?? '', sent };
  });
  expect(byId(told ?? [])).toEqual(byId(meant));

  expect(held?.positions.map(({ symbol }) => symbol).sort()).toEqual([...model.positions.keys()].sort());
  for (const { symbol, side, qty, pool } of held?.positions ?? []) {
    const position = model.positions.get(symbol);
    expect({ side, qty, pool }).toEqual({
      side: position?.side,
      qty: fromNanos(position?.qty ?? 0n),
      pool: position?.pool,
    });
  }
  takeCosts(model, held);
  for (const pool of POOLS) {
    const [orders, positions] = [
      held?.account[`orders_micros:${pool}`],
      held?.account[`positions_micros:${pool}`],
    ];
    expect(BigInt(orders ?? 0) + BigInt(positions ?? 0), pool).toBe(usedOf(model, pool));
    expect(BigInt(held?.account[`cap_micros:${pool}`] ?? 0), pool).toBe(capOf(model, pool));
  }
  expect(BigInt(held?.account['orders_micros:cash'] ?? 0)).toBe(cashHeld(model));
  expect(held?.account['cap_micros:cash'] ?? null).toBe(model.cash === null ? null : `${model.cash.cap}`);
  expect(outbox.map(({ id }) => id).sort()).toEqual(onRecord(model));
  const regrets = regretsOf(model);
  expect(await regretsIn(account)).toEqual(regrets);
  const [regret, gain] = (regrets['account'] ?? '0 0').split(' ');
  if (regret !== '0') tally.set('regret', 1);
  if (gain !== '0') tally.set('gain', 1);
  if (model.watches.some(({ victims }) => victims.some(({ traded, back }) => traded && back > 0n)))
    tally.set('a plan came back', 1);
  expect(audited?.faults).toEqual([]);
}
