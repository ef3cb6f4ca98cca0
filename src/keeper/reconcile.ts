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

import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerAccount, BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { tellCash } from '../ledger/commands/cash.ts';
import { recall } from '../ledger/commands/recall.ts';
import type { Snapshot } from '../ledger/commands/snapshot.ts';
import { sync } from '../ledger/commands/sync.ts';
import { AccountBook } from './account-book.ts';
import { AccountIdentity } from './account-identity.ts';
import { AccountStatus } from './account-status.ts';
import { adoptListed } from './adopt-listed.ts';
import { applyListed } from './apply-order.ts';
import { askMissing } from './ask-missing.ts';
import { ChangedOrders } from './changed-orders.ts';
import { diff } from './diff.ts';
import { EquityLog } from './equity-log.ts';
import { ForeignItems } from './foreign-items.ts';
import { LossWait } from './loss-wait.ts';
import { MissingOrders } from './missing-orders.ts';
import { warnOfOtherFleet } from './other-fleets.ts';
import { ledgerPositions, unlikeQuantities } from './positions.ts';
import { reclaimOrder } from './reclaim-order.ts';
import type { Gate, ReconcilerParts, Round } from './round.ts';
import { UnaccountedOrders } from './unaccounted-orders.ts';
import { verifyKept, verifyRebuilt } from './verify-book.ts';

/** Single orders asked for in a round. */
const QUESTIONS = 50;
/** Commands or questions under way at once. */
const ABREAST = 16;
/** The longest that one comparison may take, the wait after a loss apart. */
const ROUND_LIMIT_MS = 60_000;

/** What a comparison begins with. */
type Sight = { account: BrokerAccount; book: Snapshot; server: string; lost: boolean };

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #missing: MissingOrders;
  readonly #lossWait: LossWait;
  readonly #equity = new EquityLog();
  readonly #book: AccountBook;
  readonly #standing: AccountStatus;
  readonly #identity: AccountIdentity;
  readonly #unaccounted = new UnaccountedOrders();
  #isIdentified = false;
  readonly #changes: ChangedOrders;
  readonly #foreign: ForeignItems;

  constructor(parts: ReconcilerParts) {
    this.#foreign = new ForeignItems(parts.broker, parts.ignored);
    this.#parts = { ...parts, broker: this.#foreign.broker };
    this.#missing = new MissingOrders(parts.syncMs, parts.monotonicMs);
    this.#standing = new AccountStatus(parts);
    this.#lossWait = new LossWait(parts.inFlightMs, parts.monotonicMs);
    this.#identity = new AccountIdentity(parts.ledger, parts.redisUrl);
    // Another loss than the one before: it is waited out in full.
    this.#book = new AccountBook(parts, () => this.#lossWait.begin());
    this.#changes = new ChangedOrders(parts);
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
    await this.#book.mend();
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
    await this.#identity.check(account, () => this.#book.read());
    const book = await this.#book.read();
    if (account.number !== (book.account['broker_account'] ?? '')) await this.#identity.bind(account.number);
    this.#isIdentified = true;
    return { account, book };
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
    const successors = await this.#changes.follow(
      replacing.filter((order) => !waits(order)),
      signal,
    );
    const all = [...unknown, ...successors.map(({ order }) => order)];
    if (lost) await recall(ledger, [...listed, ...all, ...(await broker.endedOrders(signal))].map(ledgerId));
    else await warnOfOtherFleet(ledger, unknown, this.#parts.log);
    const befores = new Map(successors.map(({ order, before }) => [order.brokerId, before]));
    const adopted = await adoptListed(
      { ...this.#parts, foreign: this.#foreign },
      all,
      { held, befores },
      book.healthMs,
      signal,
    );
    await this.#changes.follow(replacing.filter(waits), signal);
    await this.#changes.amend((found.get('changed') ?? []).filter((one) => one.kind === 'changed'));
    for (const order of ordersOf('unsent')) await reclaimOrder(this.#parts, order, signal);
    const applied = await abreast(ordersOf('news'), (order) => applyListed(this.#parts, order));
    const settled = await abreast(this.#missing.choose(missing, QUESTIONS), (known) =>
      askMissing(
        { ...this.#parts, missing: this.#missing, unaccounted: this.#unaccounted },
        known,
        book,
        signal,
      ),
    );
    this.#parts.step('after_reconcile_orders');

    const positions = await broker.positions(signal);
    await this.#standing.follow(account, book.account);
    const told = ledgerPositions(positions, rules);
    if (lost) await verifyRebuilt(ledger, listed, book.healthMs, (order) => this.#foreign.leftOut(order));
    else await verifyKept(ledger, server);
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
    if (synced.outcome === 'synced') this.#equity.update(synced, account.equityMicros, this.#parts.log);
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
