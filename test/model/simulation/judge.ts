/**
 * What no schedule may violate, checked from outside: by the model broker's own sums and the ledger's
 * answers.
 */
import type { BrokerOrder } from '../../../src/broker/port.ts';
import { toNanos } from '../../../src/domain/decimal.ts';
import { isFinal } from '../../../src/domain/order.ts';
import { ledgerPositions } from '../../../src/keeper/positions.ts';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { readLedgerOrder, snapshot } from '../../../src/ledger/commands/snapshot.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { ModelBroker } from './broker.ts';
import type { Server } from './server.ts';
import type { Plan } from './watcher.ts';
import type { World } from './world.ts';

export const CAP_MICROS = 1_000_000_000;
export const COOLDOWN_MS = 20_000;
const PROTECTION = 0.004;
const MOST_VICTIMS = 3;
/** Commands that give room back. */
const MOVE_ROOM = new Set(['settle', 'fill', 'sync', 'release']);
const DECISIONS = new Set(['fits', 'blocked', 'stolen', 'send']);

/** PnL with nine decimals is compared in doubles here. */
const FLOAT = 1e-6;

export class Judge {
  readonly #world: World;
  readonly #server: Server;
  readonly #broker: ModelBroker;
  readonly #plans: ReadonlyMap<string, Plan>;
  /** What the ledger was told, by symbol; goes with a wipe, and comes back with a copy. */
  memory = { prices: new Map<string, number>(), stolenMs: new Map<string, number>() };
  /** Since a wipe or a failover no keeper has opened the account. */
  lost = false;
  readonly #unseen: string[] = [];
  #moved = false;

  constructor(world: World, server: Server, broker: ModelBroker, plans: readonly Plan[]) {
    this.#world = world;
    this.#server = server;
    this.#broker = broker;
    this.#plans = new Map(plans.map((plan) => [plan.id, plan]));
    broker.accepted.push((order) => this.#accepted(order));
    server.witnesses.push((script, args, reply) => this.#saw(script, args, reply as string[]));
  }

  /** I1, I6. */
  #accepted(order: BrokerOrder): void {
    this.#unseen.push(order.id);
    if (order.side === 'sell') return this.#acceptedExit(order);
    const exposure = this.#broker.exposureMicros();
    if (exposure > CAP_MICROS)
      this.#world.violate(`I1: ${order.id} was accepted, and the exposure is ${exposure / 1e6} dollars`);
    const plan = this.#planOf(order.id);
    const others = [...this.#broker.orders.values()].filter(
      ({ id, side }) => id !== order.id && side === 'buy' && this.#planOf(id) === plan,
    );
    for (const other of others) {
      if (other.state === 'live') this.#world.violate(`I6: ${order.id} was accepted beside ${other.id}`);
      else if (toNanos(other.filledQty) > 0n)
        this.#world.violate(`I6: ${order.id} was accepted, and ${other.id} had bought`);
    }
  }

  #acceptedExit({ id, symbol }: BrokerOrder): void {
    const exits = this.#broker.live().filter((order) => order.symbol === symbol && order.side === 'sell');
    const unfilled = exits.reduce((sum, { qty, filledQty }) => sum + toNanos(qty) - toNanos(filledQty), 0n);
    if (unfilled > (this.#broker.positions.get(symbol) ?? 0n))
      this.#world.violate(`I6: ${id} was accepted, and sells more than is held`);
  }

  #saw(script: string, args: readonly (string | number)[], reply: string[]): void {
    const outcome = reply[0] ?? '';
    // Whether an exit is right depends on the broker's answers alone, not on the ledger.
    if (this.lost && DECISIONS.has(outcome) && !`${args[0]}`.includes('_x'))
      this.#world.violate(`I8: ${script} ${args[0]} answered ${outcome} on a lost ledger`);
    if (outcome === 'synced' && args[0] === this.#server.id) this.lost = false;
    if (outcome === 'ticked') {
      const words = args.length === 1 ? `${args[0]}`.split(/[ ;]/) : args; // lua/tick.lua
      for (let i = 0; i + 2 < words.length; i += 3)
        this.memory.prices.set(`${words[i]}`, Number(words[i + 1]));
    }
    this.#moved ||= MOVE_ROOM.has(script);
    if (outcome === 'stolen') this.#stolen(`${args[0]}`, reply[reply.indexOf('victims') + 1] ?? '');
    if (script !== 'settle' || outcome !== 'settled' || !reply.includes('steal_state')) return;
    this.#world.count(`a steal is ${reply[reply.indexOf('steal_state') + 1]}`);
  }

  /** I3. */
  #stolen(thiefId: string, text: string): void {
    const thief = this.#planOf(thiefId);
    const { prices, stolenMs } = this.memory;
    const told = text.split(';').map((one) => one.split(' '));
    const victims = told.map(([id = '']) => id);
    const wrong = (why: string): void =>
      this.#world.violate(`I3: ${thiefId} stole from ${victims.join()}: ${why}`);
    this.#world.count('stolen');
    if (victims.length > MOST_VICTIMS) wrong('too many victims');
    let sum = 0;
    for (const [id = '', , text = ''] of told) {
      const victim = this.#planOf(id);
      if (thief === undefined || victim === undefined) return wrong('unknown plans');
      // What a plan keeps of an order promises less than the plan.
      const pnl = Number(text);
      if (pnl > victim.pnl) wrong(`${id} promises ${pnl}, its plan ${victim.pnl}`);
      sum += pnl;
      if (id.includes('_x')) wrong(`${id} is an exit`);
      if (victim.symbol === thief.symbol) wrong('its own symbol');
      if (victim.probe) wrong(`${id} is a probe`);
      if (10 * thief.pnl < 11 * pnl - FLOAT) wrong(`${id} is not that much worse`);
      if (((prices.get(victim.symbol) ?? 10) - 10) / 10 <= PROTECTION) wrong(`${id} is near its limit`);
      if (this.#world.nowMs - (stolenMs.get(victim.symbol) ?? 0) < COOLDOWN_MS) wrong(`${id} cools down`);
    }
    for (const id of victims) stolenMs.set(this.#planOf(id)?.symbol ?? '', this.#world.nowMs);
    if (thief !== undefined && 10 * thief.pnl < 11 * sum - FLOAT) wrong('the sum is not that much worse');
  }

  #planOf(id: string): Plan | undefined {
    return this.#plans.get(id.replace(/_x?\d+$/, ''));
  }

  /**
   * I4: what the broker has just taken counts, for it was sent within its lease; but for a ledger that was
   * lost.
   */
  async counts(): Promise<void> {
    for (const id of this.#unseen.splice(0)) {
      if (this.lost) this.#world.count('accepted while lost');
      if (this.lost) continue;
      const order = await readLedgerOrder(this.#server.ledger, id);
      if (order === undefined || isFinal(order.state))
        this.#world.violate(`I4: ${id} was accepted, and the ledger has it as ${order?.state}`);
    }
  }

  /** I1, from within: whatever gave room back, the ledger counts at least what the broker does. */
  async countsEnough(): Promise<void> {
    if (!this.#moved || this.lost) return;
    this.#moved = false;
    const { ledger } = this.#server;
    const sums = await ledger.redis.hmget(
      key(ledger.account, 'account'),
      'orders_micros:total',
      'positions_micros:total',
    );
    const used = sums.reduce((sum, micros) => sum + Number(micros ?? 0), 0);
    const exposure = this.#broker.exposureMicros();
    if (used < exposure)
      this.#world.violate(`I1: the ledger counts ${used / 1e6} dollars, and the broker ${exposure / 1e6}`);
  }

  /** I2. */
  async audit(): Promise<void> {
    const found = await audit(this.#server.ledger);
    for (const fault of found?.faults ?? []) this.#world.violate(`I2: ${fault}`);
  }

  /** What ledger and broker see differently when all is quiet, and what hangs (I5, I7, I9). */
  async differences(): Promise<string[]> {
    const { ledger } = this.#server;
    const [book, outbox] = await Promise.all([
      snapshot(ledger),
      ledger.redis.xlen(key(ledger.account, 'outbox')),
    ]);
    if (book === undefined) return ['I8: there is no account'];
    const told = (id: string, filledQty: string): string => `${id} ${toNanos(filledQty)}`;
    const ours = book.orders.map(({ id, filledQty }) => told(id, filledQty)).sort();
    const theirs = this.#broker
      .live()
      .map(({ id, filledQty }) => told(id, filledQty))
      .sort();
    const row = ({ symbol, qty, costMicros }: { symbol: string; qty: string; costMicros: number }): string =>
      `${symbol} ${qty} ${costMicros}`;
    const positions = ledgerPositions(this.#broker.held(), { pools: [{ name: 'total', leverage: '1' }] })
      .map(row)
      .sort();
    const faults: string[] = [];
    if (this.lost) faults.push('I8: the account was not opened again');
    if (ours.join() !== theirs.join())
      faults.push(`I7: orders ${ours.join()}, at the broker ${theirs.join()}`);
    if (book.positions.map(row).sort().join() !== positions.join())
      faults.push(`I7: positions ${book.positions.map(row)}, at the broker ${positions}`);
    if (outbox > 0) faults.push(`I9: ${outbox} cancellations on record`);
    for (const { id, state } of book.orders)
      if (state !== 'working') faults.push(`I5, I9: ${id} is ${state}`);
    return faults;
  }
}
