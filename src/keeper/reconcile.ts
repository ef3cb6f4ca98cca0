/**
 * One reconciliation: the ledger made equal to the broker (docs/architecture.md, 5.8).
 *
 * I4  room of an order that was sent is given back on the broker's word alone; "not found", twice, is one as
 *     long as it never confirmed it.
 * I7  what is live at the broker counts, what is over there is settled, positions and equity are the
 *     broker's.
 * I6  a lost ledger is told which orders the broker has had, so that no plan begins again what it had begun.
 * I8  a lost ledger is opened (`sync`) only when everything that the broker listed counts again; where
 *     anything fails it stays shut.
 *
 * Order of questions: account, ledger, live orders, single orders, positions. An order that fills on the way
 * is then counted twice for a moment rather than not at all. Every step may be repeated, and be taken by two
 * keepers at once.
 */

import type { Logger } from 'pino';
import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerAccount, BrokerOrder, Oddity } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { type Micros, microsToDollars } from '../domain/money.ts';
import { type Before, isFinal } from '../domain/order.ts';
import { answerOf } from '../ledger/answer.ts';
import { adopt } from '../ledger/commands/adopt.ts';
import { tellCash } from '../ledger/commands/cash.ts';
import { configure } from '../ledger/commands/configure.ts';
import { mend } from '../ledger/commands/mend.ts';
import { recall } from '../ledger/commands/recall.ts';
import { release } from '../ledger/commands/release.ts';
import { endedByBroker, notFoundEnding, settle } from '../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder, type Snapshot, snapshot } from '../ledger/commands/snapshot.ts';
import { sync, type Trust } from '../ledger/commands/sync.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { poolOfSymbol } from '../rules/pools.ts';
import type { Settings } from '../rules/settings.ts';
import { askFor } from '../succession/current.ts';
import { applyOrder } from './apply.ts';
import { Changes } from './changes.ts';
import { diff } from './diff.ts';
import { lookForFleets } from './fleets.ts';
import { ForeignItems } from './foreign.ts';
import { Identity } from './identity.ts';
import { LossWait } from './loss-wait.ts';
import { MissingOrders } from './missing-orders.ts';
import { ledgerPositions, unlikeQuantities } from './positions.ts';
import { Standing } from './standing.ts';
import { UnaccountedOrders } from './unaccounted-orders.ts';
import { adoptOrders, unknownOrderOf } from './unknown-orders.ts';

/** Single orders asked for in a round. */
const QUESTIONS = 50;
/** Commands or questions under way at once. */
const ABREAST = 16;
/** The longest that one comparison may take, the wait after a loss apart. */
const ROUND_LIMIT_MS = 60_000;

export type ReconcilerParts = {
  ledger: Ledger;
  /** Where other names may claim the account (src/ledger/claims.ts); left out where none can. */
  redisUrl?: string;
  broker: Broker;
  rules: Settings;
  inFlightMs: number;
  syncMs: number;
  syncMaxAgeMs: number;
  /** Ids and symbols of what can't be counted and is to be passed over in silence; default: none. */
  ignored?: readonly string[];
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  step: (name: string) => void;
  monotonicMs: () => number;
  /** How far the broker is trusted at first sight. */
  trust: Trust;
  /** The book was lost: what must hold before it opens is done here. */
  onLost: () => Promise<void>;
};

/** What a round did. `again`: something was seen once that is acted on when it is seen twice. */
export type Round = {
  rebuilt: boolean;
  adopted: number;
  applied: number;
  settled: number;
  corrected: string[];
  doubted: string[];
  /** What is there that does not count, or not surely in full. */
  oddities: Oddity[];
  again: boolean;
};

/**
 * Trade updates, held back while a lost ledger is rebuilt: what they tell is in the lists, or is applied
 * afterwards.
 */
export type Gate = { pause(): Promise<void>; resume(): void };

/** What a comparison begins with. */
type Sight = { account: BrokerAccount; book: Snapshot; server: string; lost: boolean };

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #missing: MissingOrders;
  readonly #lossWait: LossWait;
  #heldBack = false;
  readonly #standing: Standing;
  readonly #identity: Identity;
  readonly #unaccounted = new UnaccountedOrders();
  #isIdentified = false;
  readonly #changes: Changes;
  readonly #foreign: ForeignItems;

  constructor(parts: ReconcilerParts) {
    this.#foreign = new ForeignItems(parts.broker, parts.ignored);
    this.#parts = { ...parts, broker: this.#foreign.broker };
    this.#missing = new MissingOrders(parts.syncMs, parts.monotonicMs);
    this.#standing = new Standing(parts);
    this.#lossWait = new LossWait(parts.inFlightMs, parts.monotonicMs);
    this.#identity = new Identity(parts.ledger, parts.redisUrl);
    this.#changes = new Changes(parts);
  }

  /** To be called when a term of office begins. */
  begin(): void {
    this.#lossWait.begin();
    this.#isIdentified = false;
  }

  /**
   * In this term, the broker's account was seen to be the one that the ledger is kept for: its trade updates
   * may be believed.
   */
  get isIdentified(): boolean {
    return this.#isIdentified;
  }

  /** Ends what it opened. */
  close(): void {
    this.#identity.close();
  }

  /** The broker, as it counts: orders in other currencies have their prices in dollars. */
  get broker(): Broker {
    return this.#foreign.broker;
  }

  /**
   * An order of the broker's as it counts; undefined where it is quoted in a currency that has no price:
   * reconcile.
   */
  inDollars(order: BrokerOrder): BrokerOrder | undefined {
    return this.#foreign.inDollars(order);
  }

  /**
   * @throws WorkstealError `unavailable`, `unclear`, `refused`: what was done so far holds, the account was
   *   not opened; `keys`, `account`: whoever keeps it should be somebody else, nothing was done
   */
  async round(updates: Gate, signal: AbortSignal): Promise<Round> {
    const { ledger, broker } = this.#parts;
    const server = await ledger.serverId(true);
    await this.#mend();
    let { account, book } = await this.#identify(signal);
    const lost = isLost(book, server);
    if (lost) {
      const isEmpty = async () =>
        (await broker.openOrders(signal)).length === 0 &&
        (await broker.positions(signal)).length === 0 &&
        this.#foreign.isEmpty;
      await this.#lossWait.pass(Number(book.account['synced_at_ms'] ?? 0) > 0, isEmpty, signal);
      await updates.pause();
      ({ account, book } = await this.#identify(signal));
      await this.#parts.onLost();
    }
    try {
      if (lost && !this.#lossWait.isOver)
        throw new WorkstealError('unclear', 'the ledger was lost again while the loss before was waited out');
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(ROUND_LIMIT_MS)]);
      return await this.#compare({ account, book, server, lost }, bounded);
    } finally {
      updates.resume();
    }
  }

  /** The ledger last: what it says must be from right before the broker lists its orders. */
  async #identify(signal: AbortSignal): Promise<{ account: BrokerAccount; book: Snapshot }> {
    const account = await this.#parts.broker.account(signal);
    await this.#identity.check(account, () => this.#book());
    const book = await this.#book();
    if (account.number !== (book.account['broker_account'] ?? '')) await this.#identity.bind(account.number);
    this.#isIdentified = true;
    return { account, book };
  }

  /** Once for each equity that is held back. */
  #tellHeldBack(
    { heldBackMicros, equityMicros }: { heldBackMicros: Micros; equityMicros: Micros },
    toldMicros: Micros,
  ): void {
    const wasHeldBack = this.#heldBack;
    this.#heldBack = heldBackMicros > 0;
    if (!this.#heldBack || wasHeldBack) return;
    const [told, inForce] = [toldMicros, equityMicros].map(microsToDollars);
    this.#parts.log.warn(
      { toldMicros, equityMicros },
      `the broker tells an equity of $${told}, and $${inForce} is in force: the jump is held back until a person says worksteal accept equity`,
    );
  }

  /**
   * A book in which a key was missing or odd is emptied; what follows rebuilds it. The settings may have been
   * what was lost.
   */
  async #mend(): Promise<void> {
    const { ledger, rules, syncMaxAgeMs, log } = this.#parts;
    const removed = await mend(ledger);
    if (removed === undefined) return;
    this.#lossWait.begin(); // another loss than the one that was noticed before: it is waited out anew
    await configure(ledger, rules, syncMaxAgeMs);
    log.warn({ removed }, 'the ledger was damaged: it was emptied, and is rebuilt from the broker');
  }

  async #book(): Promise<Snapshot> {
    const { ledger, rules, syncMaxAgeMs, log } = this.#parts;
    const book = await snapshot(ledger);
    if (book) return book;
    await configure(ledger, rules, syncMaxAgeMs);
    log.info('the account was set up in the ledger');
    await this.#mend();
    const created = await snapshot(ledger);
    if (!created) throw new WorkstealError('unknown', `the ledger of ${ledger.account} was lost again`);
    return created;
  }

  async #compare({ account, book, server, lost }: Sight, signal: AbortSignal): Promise<Round> {
    const { ledger, broker, rules, syncMs } = this.#parts;
    const listed = await broker.openOrders(signal);
    const found = Map.groupBy(
      diff(book.orders, book.healthMs, listed, (id) => this.#foreign.lists(id)),
      ({ kind }) => kind,
    );
    const ordersOf = (kind: 'news' | 'unknown' | 'replacing' | 'unsent') =>
      (found.get(kind) ?? []).flatMap((one) => ('order' in one ? [one.order] : []));
    const missing = (found.get('missing') ?? []).flatMap((one) => ('known' in one ? [one.known] : []));

    const held = lost ? ledgerPositions(await broker.positions(signal), rules) : book.positions;
    const [unknown, replacing] = [ordersOf('unknown'), ordersOf('replacing')];
    // One that waits to replace an order which is not counted yet comes after that.
    const waits = ({ replaces }: BrokerOrder) => unknown.some(({ brokerId }) => brokerId === replaces);
    const strangers = await this.#changes.follow(
      replacing.filter((order) => !waits(order)),
      signal,
    );
    const all = [...unknown, ...strangers.map(({ order }) => order)];
    if (lost) await recall(ledger, [...listed, ...all, ...(await broker.endedOrders(signal))].map(ledgerId));
    else await this.#lookForFleets(unknown);
    const befores = new Map(strangers.map(({ order, before }) => [order.brokerId, before]));
    const adopted = await this.#adopt(all, { held, befores }, book.healthMs, signal);
    await this.#changes.follow(replacing.filter(waits), signal);
    await this.#changes.amend((found.get('changed') ?? []).filter((one) => one.kind === 'changed'));
    for (const order of ordersOf('unsent')) await this.#reclaim(order, signal);
    const applied = await abreast(ordersOf('news'), (order) => this.#apply(order));
    const settled = await abreast(this.#missing.choose(missing, QUESTIONS), (known) =>
      this.#ask(known, book, signal),
    );
    this.#parts.step('after_reconcile_orders');

    const positions = await broker.positions(signal);
    await this.#standing.follow(account, book.account);
    const told = ledgerPositions(positions, rules);
    if (lost) await this.#verify(listed, book.healthMs);
    else await this.#stillThere(server);
    // All this was done on one server, or it does not count: `sync` is where the account opens.
    if ((await ledger.serverId(true)) !== server)
      throw new WorkstealError('unavailable', 'the Redis server changed while reconciling');
    this.#parts.step('after_positions');
    await tellCash(
      ledger,
      rules.cash ? Math.max(0, account.cashBuyingPowerMicros) : undefined,
      book.healthMs,
      syncMs,
    );
    const synced = await sync(
      ledger,
      Math.max(0, account.equityMicros),
      book.healthMs,
      told,
      book.account['created'] ?? '',
      this.#parts.trust,
    );
    if (synced.outcome === 'unknown')
      throw new WorkstealError('unknown', `the ledger of ${ledger.account} is gone`);
    this.#parts.step('after_sync');
    this.#lossWait.synced();
    const isClosed = (book.account['closed_by'] ?? '').split(';').includes('account');
    await this.#unaccounted.judge(ledger, missing, isClosed, Number(book.account['vouched_ms'] ?? 0));
    if (synced.outcome === 'synced') this.#tellHeldBack(synced, account.equityMicros);
    const { rebuilt, corrected, doubted } =
      synced.outcome === 'synced' ? synced : { rebuilt: false, corrected: [], doubted: [] };
    const partly = adopted.some((order) => toNanos(order.filledQty) > 0n);
    const again = rebuilt || partly || unlikeQuantities(doubted, book.positions, told).length > 0;
    const counts = {
      adopted: adopted.length,
      applied: applied.filter(Boolean).length,
      settled: settled.filter(Boolean).length,
    };
    return { rebuilt, ...counts, corrected, doubted, oddities: this.#foreign.oddities(), again };
  }

  async #lookForFleets(orders: readonly BrokerOrder[]): Promise<void> {
    const order = await lookForFleets(this.#parts.ledger, orders);
    if (order !== undefined)
      this.#parts.log.warn(
        { order },
        'another fleet seems to trade on the account: it is closed for entries',
      );
  }

  async #adopt(
    orders: readonly BrokerOrder[],
    { held, befores }: { held: Snapshot['positions']; befores: ReadonlyMap<string, Before> },
    startedMs: number,
    signal: AbortSignal,
  ): Promise<BrokerOrder[]> {
    this.#foreign.beginAdoptions();
    const leaveOut = (order: BrokerOrder, why: string) => this.#foreign.leaveOut(order, why);
    const adoptions = await adoptOrders(
      { ...this.#parts, leaveOut },
      orders,
      held,
      startedMs,
      signal,
      befores,
    );
    for (const { order, outcome } of adoptions) {
      if (outcome === 'exists') await this.#apply(order); // submitted since the ledger was read
      if (outcome === 'adopted')
        this.#parts.log.warn(
          { order: order.id, symbol: order.symbol },
          `${order.symbol}: an order that the ledger did not count was found at the broker`,
        );
    }
    return adoptions.filter(({ outcome }) => outcome === 'adopted').map(({ order }) => order);
  }

  /**
   * Live at the broker, and the ledger says that it was never sent: either it was sent since the ledger was
   * read, or the record of it was lost (a failover that lost the last writes). Then its reservation must not
   * run out under it: it is taken over as one that was found.
   */
  async #reclaim(listed: BrokerOrder, signal: AbortSignal): Promise<void> {
    const { ledger, broker, rules, log } = this.#parts;
    const id = ledgerId(listed);
    const known = await readLedgerOrder(ledger, id);
    if (known && known.sentAtMs > 0) return void (await this.#apply(listed));
    log.warn(
      { order: id, symbol: listed.symbol },
      `${listed.symbol}: the ledger lost the record of a submission`,
    );
    if (known && !isFinal(known.state)) await release(ledger, id, 'record_lost');
    const released = await readLedgerOrder(ledger, id);
    const answer = await broker.order(listed.id, signal);
    if (answer.kind !== 'found')
      throw new WorkstealError('unclear', `broker: order ${listed.id} was listed, and is now ${answer.kind}`);
    if (answer.order.state !== 'live') return;
    const traits = {
      pool: known?.pool ?? poolOfSymbol(listed.symbol, rules),
      reducing: known?.kind === 'exit',
      price: undefined,
    };
    const unknown = unknownOrderOf(answer.order, traits);
    // the broker was asked after the release
    if (unknown) await adopt(ledger, unknown, (released?.updatedMs ?? 0) + 1);
  }

  /** @returns whether the ledger changed */
  async #apply(order: BrokerOrder): Promise<boolean> {
    const applied = await applyOrder(this.#parts.ledger, order);
    if (applied === 'contradiction') {
      this.#parts.log.warn(
        { order: order.id, status: order.status, filledQty: order.filledQty },
        `${order.symbol}: the broker contradicts the ledger`,
      );
    }
    if (applied === 'changed') this.#parts.step(order.state === 'live' ? 'after_open' : 'after_settle');
    return applied === 'changed';
  }

  /** Asks for one order that is not listed any more. @returns whether the ledger changed */
  async #ask(known: LedgerOrder, book: Snapshot, signal: AbortSignal): Promise<boolean> {
    const answer = await askFor(this.#parts, known, signal);
    if (answer.kind === 'unknown') return false;
    if (answer.kind === 'found') {
      this.#missing.found(known.id);
      this.#unaccounted.found(known.id);
      return await this.#apply(answer.order);
    }
    if (!this.#missing.notFound(known.id)) return false;
    // A person vouched for the account since it was sent: then it has ended.
    const isVouched = Number(book.account['vouched_ms'] ?? 0) >= known.sentAtMs;
    if (known.brokerId !== '' && !isVouched) {
      this.#unaccounted.add(known);
      return false;
    }
    return await this.#endNotFound(known.id, book.healthMs);
  }

  async #endNotFound(id: string, startedMs: number): Promise<boolean> {
    const { ledger, log, step } = this.#parts;
    const known = await readLedgerOrder(ledger, id);
    if (!known || isFinal(known.state) || known.updatedMs >= startedMs) return false;
    const ending = notFoundEnding(known);
    const { outcome } = await settle(ledger, id, ending);
    const message = `${known.symbol}: the broker does not know the order, said twice: ended as ${ending.state}`;
    log.warn({ order: id, was: known.state, filledQty: known.filledQty, outcome }, message);
    if (outcome === 'settled') step('after_settle');
    return outcome === 'settled';
  }

  /**
   * What was lost while it was reconciled is not opened by this round's `sync`, but rebuilt by the next one
   * (I8).
   */
  async #stillThere(server: string): Promise<void> {
    const { ledger } = this.#parts;
    const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'synced_at_ms', 'server_id');
    const [synced, on] = await answerOf('account', asked);
    if (Number(synced ?? 0) === 0 || on !== server)
      throw new WorkstealError('unavailable', 'the ledger was lost while reconciling');
  }

  /**
   * A ledger that was lost opens only when all that was listed counts, or ended meanwhile by the broker's
   * word (I8).
   */
  async #verify(listed: readonly BrokerOrder[], startedMs: number): Promise<void> {
    const { ledger } = this.#parts;
    const sent = (await snapshot(ledger))?.orders.filter(({ sentAtMs }) => sentAtMs > 0) ?? [];
    const counted = new Set(sent.flatMap(({ id, brokerId, nextBrokerId }) => [id, brokerId, nextBrokerId]));
    for (const order of listed) {
      const id = ledgerId(order);
      if (counted.has(id) || counted.has(order.brokerId) || this.#foreign.leftOut(order)) continue;
      if (toNanos(order.filledQty) === toNanos(order.qty)) continue;
      const known = await readLedgerOrder(ledger, id);
      if (endedByBroker(known) && (known?.updatedMs ?? 0) >= startedMs) continue;
      throw new WorkstealError('unclear', `order ${order.id} is live at the broker and does not count yet`, {
        order: order.id,
      });
    }
  }
}

/** Never reconciled, or not on this server: a restart, a failover, a wipe. */
function isLost(book: Snapshot, server: string): boolean {
  return Number(book.account['synced_at_ms'] ?? 0) === 0 || book.account['server_id'] !== server;
}

async function abreast<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += ABREAST) {
    results.push(...(await Promise.all(items.slice(from, from + ABREAST).map(work))));
  }
  return results;
}
