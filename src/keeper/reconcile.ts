/**
 * One reconciliation makes the ledger equal to the broker (docs/architecture.md, 5.8).
 *
 * I4  The room of a sent order is given back only by the broker's word. "Not found" twice is its word if it
 *     never confirmed the order.
 * I7  What is live at the broker counts, what has ended there is settled, positions and equity are the
 *     broker's.
 * I6  A lost ledger learns which orders the broker has had, so that no plan repeats an attempt.
 * I8  A lost ledger is opened (`sync`) only when everything that the broker listed counts again. If a step
 *     fails, it stays closed.
 *
 * The order of requests is: account, ledger, live orders, single orders, positions. So an order that fills
 * meanwhile is counted twice for a moment rather than not at all. Every step may be repeated, also by two
 * keepers at once.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerId } from '../broker/order-id.ts';
import type { Broker, BrokerAccount, BrokerOrder } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { tellCash } from '../ledger/commands/cash.ts';
import { noteLossWait } from '../ledger/commands/keeper-note.ts';
import { recall } from '../ledger/commands/recall.ts';
import type { Snapshot } from '../ledger/commands/snapshot.ts';
import { sync } from '../ledger/commands/sync.ts';
import { AccountBook } from './account-book.ts';
import { AccountIdentity } from './account-identity.ts';
import { AccountStatus } from './account-status.ts';
import { adoptListed } from './adopt-listed.ts';
import { applyListed } from './apply-order.ts';
import { askMissing } from './ask-missing.ts';
import { brokerCount, driftMicros } from './broker-count.ts';
import { ChangedOrders } from './changed-orders.ts';
import { diff } from './diff.ts';
import { EquityLog } from './equity-log.ts';
import { ForeignItems } from './foreign-items.ts';
import { LossWait } from './loss-wait.ts';
import { MissingOrders } from './missing-orders.ts';
import { warnOfOtherFleet } from './other-fleets.ts';
import { ledgerPositions, unlikeQuantities } from './positions.ts';
import { reclaimEnded, reclaimOrder } from './reclaim-order.ts';
import type { Gate, ReconcilerParts, Round } from './round.ts';
import { UnaccountedOrders } from './unaccounted-orders.ts';
import { verifyKept, verifyRebuilt } from './verify-book.ts';

/** Single orders that a round asks about. */
const QUESTIONS = 50;
/** Commands or requests in parallel. */
const ABREAST = 16;
/** How long one comparison may take, without the wait after a loss. */
const ROUND_TIMEOUT_MS = 60_000;

const IN_FLIGHT = 'the ledger is new or was lost, and an order sent before may still reach the broker';

/** What a comparison begins with. */
type Sight = { account: BrokerAccount; book: Snapshot; server: string; lost: boolean; isNew: boolean };

/** A lost book has not opened yet: the broker is to be asked again after so long, ms. */
type Settling = { leftMs: number };

/** Comparisons of one round while a lost book settles; two are enough, and the next round would go on. */
const COMPARISONS = 4;

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #missing: MissingOrders;
  readonly #lossWait: LossWait;
  readonly #equity = new EquityLog();
  readonly #book: AccountBook;
  readonly #status: AccountStatus;
  readonly #identity: AccountIdentity;
  readonly #unaccounted = new UnaccountedOrders();
  #isIdentified = false;
  readonly #changes: ChangedOrders;
  readonly #foreign: ForeignItems;

  constructor(parts: ReconcilerParts) {
    this.#foreign = new ForeignItems(parts.broker, parts.ignored);
    this.#parts = { ...parts, broker: this.#foreign.broker };
    this.#missing = new MissingOrders(parts.syncMs, parts.monotonicMs);
    this.#status = new AccountStatus(parts);
    this.#lossWait = new LossWait(parts.inFlightMs, parts.monotonicMs, (leftMs) =>
      this.#announceWait(leftMs + parts.trust.apartMs),
    );
    this.#identity = new AccountIdentity(parts.ledger, parts.redisUrl);
    // Another loss than the one before: it is waited out in full.
    this.#book = new AccountBook(parts, () => this.#lossWait.begin());
    this.#changes = new ChangedOrders(parts);
  }

  /** To be called when a term begins. */
  begin(): void {
    this.#lossWait.begin();
    this.#isIdentified = false;
  }

  /**
   * Whether the account was identified in this term: only then do its trade updates belong to this ledger.
   */
  get isIdentified(): boolean {
    return this.#isIdentified;
  }

  /** Closes its connections. */
  close(): void {
    this.#identity.close();
  }

  /** The broker, with all prices in dollars. */
  get broker(): Broker {
    return this.#foreign.broker;
  }

  /** The order with its prices in dollars; undefined if its currency has no price: reconcile. */
  inDollars(order: BrokerOrder): BrokerOrder | undefined {
    return this.#foreign.inDollars(order);
  }

  /**
   * @throws WorkstealError `unavailable`, `unclear`, `refused`: the steps so far hold, the account was not
   *   opened; `keys`, `account`: another keeper should keep the account, nothing was done
   */
  async round(updates: Gate, signal: AbortSignal): Promise<Round> {
    const { ledger, broker } = this.#parts;
    const server = await ledger.serverId(true);
    await this.#book.mend();
    let { account, book } = await this.#identify(signal);
    const lost = isLost(book, server);
    let isNew = false;
    if (lost) {
      const isEmpty = async () => {
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(ROUND_TIMEOUT_MS)]);
        return (
          (await broker.openOrders(bounded)).length === 0 &&
          (await broker.positions(bounded)).length === 0 &&
          this.#foreign.isEmpty &&
          (await broker.endedOrders(bounded)).length === 0
        );
      };
      isNew = await this.#lossWait.pass(Number(book.account['synced_at_ms'] ?? 0) > 0, isEmpty, signal);
      await updates.pause();
      ({ account, book } = await this.#identify(signal));
      await this.#parts.onLost();
    }
    try {
      for (let compared = 0; compared < COMPARISONS; compared += 1) {
        if (lost && !this.#lossWait.isOver)
          throw new WorkstealError(
            'unclear',
            'the ledger was lost again during the wait after a loss; the next round waits again',
          );
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(ROUND_TIMEOUT_MS)]);
        const done = await this.#compare({ account, book, server, lost, isNew }, bounded);
        if (!('leftMs' in done)) return done;
        // The ledger has the orders by now, and hears what becomes of them.
        updates.resume();
        await sleep(done.leftMs, undefined, { signal });
        await updates.pause();
        ({ account, book } = await this.#identify(signal));
      }
      throw new WorkstealError('unclear', 'the rebuilt ledger did not open; the next round goes on');
    } finally {
      updates.resume();
    }
  }

  /** For people only: without an answer of Redis the wait is the same. */
  async #announceWait(leftMs: number): Promise<void> {
    const { ledger, log } = this.#parts;
    log.warn(
      { waitMs: Math.ceil(leftMs) },
      `admits no entries for ${Math.ceil(leftMs / 1_000)} s more: ${IN_FLIGHT}`,
    );
    await noteLossWait(ledger, leftMs).catch((err: unknown) => log.debug({ err }, 'the wait is not noted'));
  }

  /** Reads the ledger last: just before the broker lists its orders. */
  async #identify(signal: AbortSignal): Promise<{ account: BrokerAccount; book: Snapshot }> {
    const account = await this.#parts.broker.account(signal);
    await this.#identity.check(account, () => this.#book.read());
    const book = await this.#book.read();
    if (account.number !== (book.account['broker_account'] ?? '')) await this.#identity.bind(account.number);
    this.#isIdentified = true;
    return { account, book };
  }

  async #compare(
    { account, book, server, lost, isNew }: Sight,
    signal: AbortSignal,
  ): Promise<Round | Settling> {
    const { ledger, broker, rules, syncMs } = this.#parts;
    const listed = await broker.openOrders(signal);
    const found = Map.groupBy(
      diff(book.orders, book.healthMs, listed, (id) => this.#foreign.lists(id)),
      ({ kind }) => kind,
    );
    const ordersOf = (kind: 'news' | 'unknown' | 'replacing' | 'unsent') =>
      (found.get(kind) ?? []).flatMap((one) => ('order' in one ? [one.order] : []));
    const missing = (found.get('missing') ?? []).flatMap((one) => ('known' in one ? [one.known] : []));

    const ended = lost ? await broker.endedOrders(signal) : [];
    const reclaimed = await reclaimEnded(this.#parts, book.orders, ended, QUESTIONS, signal);
    const held = lost ? ledgerPositions(await broker.positions(signal), rules) : book.positions;
    const [unknown, replacing] = [ordersOf('unknown'), ordersOf('replacing')];
    // A replacement of an order that does not count yet comes after that order's adoption.
    const waits = ({ replaces }: BrokerOrder) => unknown.some(({ brokerId }) => brokerId === replaces);
    const successors = await this.#changes.follow(
      replacing.filter((order) => !waits(order)),
      signal,
    );
    const all = [...unknown, ...successors.map(({ order }) => order)];
    if (lost) await recall(ledger, [...listed, ...all, ...ended].map(ledgerId));
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
    if (isNew && listed.length + ended.length + positions.length > 0)
      throw new WorkstealError(
        'unclear',
        'the account is not new: it has an order or a position by now; the next round waits as after a loss',
      );
    await this.#status.follow(account, book.account);
    const told = ledgerPositions(positions, rules);
    if (lost) await verifyRebuilt(ledger, listed, book.healthMs, (order) => this.#foreign.leftOut(order));
    else await verifyKept(ledger, server);
    // `sync` opens the account, so all steps must have run on one Redis server.
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
      { ...this.#parts.trust, isNew },
    );
    if (synced.outcome === 'unknown')
      throw new WorkstealError('unknown', `the ledger of ${ledger.account} is gone`);
    if (synced.outcome === 'settling') return { leftMs: synced.leftMs };
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
      settled: settled.filter(Boolean).length + reclaimed,
    };
    const sums = {
      driftMicros: lost ? 0 : driftMicros(book.positions, told),
      brokerMicros: brokerCount(listed, told, book.orders),
    };
    return { rebuilt, ...counts, ...sums, corrected, doubted, oddities: this.#foreign.oddities(), again };
  }
}

/** Was it never reconciled on this server? After a restart, a failover or a wipe. */
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
