/**
 * A host with all plans, in virtual time, on the real scripts: it asks for room as a watcher does, steals
 * where it may, waits in the ledger's queue for its turn, and trades with a broker that answers at once. A
 * limit fills whole when the price of a step is at or through it.
 */
import { assert } from '../../../src/domain/errors.ts';
import { notionalMicros } from '../../../src/domain/money.ts';
import type { OrderWish } from '../../../src/domain/order.ts';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { open } from '../../../src/ledger/commands/open.ts';
import { leaveQueue } from '../../../src/ledger/commands/plan-leave.ts';
import { claimPlans, filePlan, notePlan } from '../../../src/ledger/commands/plans.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { readLedgerOrder } from '../../../src/ledger/commands/snapshot.ts';
import { type StealOutcome, steal } from '../../../src/ledger/commands/steal.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { readEvent } from '../../../src/ledger/events.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { listOf } from '../../../src/ledger/reply.ts';
import type { Settings } from '../../../src/rules/settings.ts';
import type { Counter } from './figures.ts';
import { dollars, type MadePlan } from './plans.ts';

const HOST = 'host';
export const LEASE_MS = 3_600_000;
/** 0.66 %, in hundredths of a percent: how near its limit a plan must be to ask for room. */
const ENTRY_TOLERANCE = 66;
const STEAL_GATE = 30;
/** A thief that a rule of its own keeps from stealing tries again after a cooldown, at least after this. */
const LEAST_AWAIT_MS = 120_000;
/** Further rounds of turns in one step would be a loop without an end. */
const MOST_ROUNDS = 1_000;

/** A steal as it was committed, for whoever checks it. */
export type Witnessed = Extract<StealOutcome, { outcome: 'stolen' | 'dry_run' }> & { thief: OrderWish };

type Entry = { id: string; qty: string; pnl: string };

/** An unfinished plan, and how far it is. */
type Seat = MadePlan & {
  attempt: number;
  /** Its order at the broker. */
  entry: Entry | undefined;
  held: { qty: string; sinceMs: number } | undefined;
  /** It is in the ledger's queue; was it near enough to steal when refused, and when does it try again? */
  waits: boolean;
  wasNear: boolean;
  againMs: number;
};

export type DeskOptions = {
  ledger: Ledger;
  rules: Settings;
  counter: Counter;
  /** The price of a symbol now. */
  centsOf: (symbol: string) => number;
  onSteal: (steal: Witnessed) => void;
};

export class Desk {
  readonly seats = new Map<string, Seat>();
  readonly ledger: Ledger;
  readonly centsOf: (symbol: string) => number;
  readonly #options: DeskOptions;
  nowMs = 0;
  #lastEvent = '-';

  constructor(options: DeskOptions) {
    this.#options = options;
    this.ledger = options.ledger;
    this.centsOf = options.centsOf;
  }

  async file(made: readonly MadePlan[]): Promise<void> {
    if (made.length === 0) return;
    const fresh = { attempt: 1, entry: undefined, held: undefined, waits: false, wasNear: false, againMs: 0 };
    for (const one of made) {
      await filePlan(this.ledger, one.plan);
      this.seats.set(one.plan.id, { ...one, ...fresh });
    }
    await claimPlans(this.ledger, HOST, LEASE_MS, 500);
  }

  /** What the broker and the clock do with orders and positions: fills, exits, expiries. */
  async trade(): Promise<void> {
    for (const seat of [...this.seats.values()]) {
      const cents = this.centsOf(seat.plan.symbol);
      if (seat.entry !== undefined && cents <= seat.limitCents) await this.#fill(seat, seat.entry);
      else if (seat.held !== undefined) await this.#exitIfDue(seat, seat.held, cents);
      else if (this.nowMs >= seat.plan.expiresAtMs) await this.#expire(seat);
    }
  }

  /** Each plan without an order looks at its price, in the given order. */
  async approach(seats: readonly Seat[]): Promise<void> {
    for (const seat of seats) {
      if (seat.entry !== undefined || seat.held !== undefined) continue;
      if (!this.#isWithin(seat, ENTRY_TOLERANCE)) await this.#leave(seat);
      else if (
        !seat.waits ||
        this.nowMs >= seat.againMs ||
        (!seat.wasNear && this.#isWithin(seat, STEAL_GATE))
      )
        await this.#attempt(seat);
    }
  }

  /** Plans whose turn it is, or that have a chance to steal, try at once, until nobody is named any more. */
  async followTurns(): Promise<void> {
    const stream = key(this.ledger.account, 'events');
    for (let round = 0; ; round += 1) {
      assert(round < MOST_ROUNDS, `plans are named again and again at ${this.nowMs}`);
      const entries = await this.ledger.redis.xrange(stream, this.#lastEvent, '+');
      const end = entries.at(-1)?.[0];
      if (end === undefined) return;
      this.#lastEvent = `(${end}`;
      for (const { type, fields } of entries.map(([id, flat]) => readEvent(id, flat)))
        if (type === 'turn' || type === 'chance')
          for (const id of listOf(fields, 'plans')) await this.#comes(this.seats.get(id));
    }
  }

  async #comes(seat: Seat | undefined): Promise<void> {
    if (seat === undefined || !seat.waits) return;
    if (this.#isWithin(seat, ENTRY_TOLERANCE)) await this.#attempt(seat);
    else await this.#leave(seat);
  }

  async #leave(seat: Seat): Promise<void> {
    if (seat.waits) await leaveQueue(this.ledger, HOST, [seat.plan.id]);
    seat.waits = false;
  }

  async #attempt(seat: Seat): Promise<void> {
    const wish = this.#wishOf(seat);
    // It reserves what fits, as admit does, so that one request is enough.
    const answer = await steal(this.ledger, wish, LEASE_MS, '');
    seat.waits = false;
    if (answer.outcome === 'stolen') await this.#takeFrom(seat, { ...answer, thief: wish });
    if (answer.outcome === 'fits' || answer.outcome === 'stolen') return await this.#place(seat, wish);
    assert('numbers' in answer, `${wish.id}: ${answer.outcome}`);
    seat.waits = answer.numbers['place'] !== undefined;
    seat.wasNear = this.#isWithin(seat, STEAL_GATE);
    const wantsPrice = answer.outcome === 'not_close_enough';
    seat.againMs = wantsPrice
      ? Number.POSITIVE_INFINITY
      : this.nowMs + Math.max(LEAST_AWAIT_MS, this.#options.rules.cooldownMs);
  }

  async #takeFrom(thief: Seat, stolen: Witnessed): Promise<void> {
    this.#options.onSteal(stolen);
    const victims = stolen.victims.map(({ id }) => this.#seatOf(id));
    this.#options.counter.stole(stolen.thief.id, this.nowMs, thief, victims);
    for (const { id } of stolen.victims) {
      const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'robbed' } as const;
      await settle(this.ledger, id, ending);
    }
    for (const seat of victims) await this.#goOn(seat, stolen.kept !== undefined);
  }

  /** A victim waits for room again, or keeps a part. */
  async #goOn(seat: Seat, mayKeep: boolean): Promise<void> {
    const was = seat.entry?.id ?? '';
    seat.entry = undefined;
    seat.attempt += 1;
    seat.againMs = 0;
    const id = `${seat.plan.id}_${seat.attempt}`;
    const part = mayKeep ? await readLedgerOrder(this.ledger, id) : undefined;
    if (part === undefined) return this.#options.counter.ended(was, 'robbed');
    this.#options.counter.kept(was, id);
    await this.#place(seat, { id, qty: part.qty, pnl: part.pnl });
  }

  async #place(seat: Seat, { id, qty, pnl = '0' }: Pick<OrderWish, 'id' | 'qty' | 'pnl'>): Promise<void> {
    const { outcome } = await submit(this.ledger, id, LEASE_MS);
    assert(outcome === 'send', `${id}: submit answered ${outcome}`);
    await open(this.ledger, id, `b-${id}`);
    seat.entry = { id, qty, pnl };
  }

  async #fill(seat: Seat, { id, qty, pnl }: Entry): Promise<void> {
    const costMicros = notionalMicros(seat.plan.limit, qty);
    await settle(this.ledger, id, { state: 'filled', filledQty: qty, costMicros, reason: 'broker' });
    this.#options.counter.ended(id, 'filled', Number(pnl));
    seat.entry = undefined;
    seat.held = { qty, sinceMs: this.nowMs };
  }

  async #exitIfDue(seat: Seat, { qty, sinceMs }: NonNullable<Seat['held']>, cents: number): Promise<void> {
    if (cents < seat.targetCents && this.nowMs - sinceMs < seat.plan.holdMs) return;
    const limit = dollars(cents);
    const id = `${seat.plan.id}_x1`;
    const wish = { ...this.#wishOf(seat), id, side: 'sell', kind: 'exit', limit, qty, pnl: '0' } as const;
    const { outcome } = await admit(this.ledger, wish, LEASE_MS);
    assert(outcome === 'fits', `${id}: an exit was refused, ${outcome}`);
    await submit(this.ledger, id, LEASE_MS);
    await open(this.ledger, id, `b-${id}`);
    const costMicros = notionalMicros(limit, qty);
    await settle(this.ledger, id, { state: 'filled', filledQty: qty, costMicros, reason: 'broker' });
    await this.#finish(seat, 'done');
  }

  async #expire(seat: Seat): Promise<void> {
    if (seat.entry !== undefined) {
      const { id } = seat.entry;
      await cancel(this.ledger, id, 'expired');
      const ending = { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'expired' } as const;
      await settle(this.ledger, id, ending);
      this.#options.counter.ended(id, 'ended');
    }
    await this.#finish(seat, 'expired');
  }

  async #finish({ plan, attempt }: Seat, stage: 'done' | 'expired'): Promise<void> {
    await notePlan(this.ledger, HOST, { id: plan.id, stage, attempt, exitAttempt: 0 });
    this.seats.delete(plan.id);
  }

  #wishOf({ plan, attempt }: Seat): OrderWish {
    const { symbol, side, mode, limit, qty, pnl } = plan;
    const id = `${plan.id}_${attempt}`;
    return { id, symbol, side, kind: 'entry', mode, limit, qty, pnl, owner: HOST, plan: plan.id };
  }

  #seatOf(order: string): Seat {
    const seat = this.seats.get(order.slice(0, order.lastIndexOf('_')));
    assert(seat?.entry?.id === order, `${order} works at the broker`);
    return seat;
  }

  /** `tolerance` in hundredths of a percent. */
  #isWithin({ plan, limitCents }: Seat, tolerance: number): boolean {
    return (this.centsOf(plan.symbol) - limitCents) * 10_000 <= limitCents * tolerance;
  }
}
