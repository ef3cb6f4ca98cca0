/**
 * The keeper of an account: follows the broker's trade updates, reconciles, sweeps, has the outbox recovered.
 * One is active, the others stand by; two at once cost requests and nothing else, for whatever a keeper does
 * may be done twice (I6).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker, BrokerOrder, TradeUpdate } from '../broker/port.ts';
import { toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { noteFailure, noteOddities } from '../ledger/commands/keeper-note.ts';
import { mend } from '../ledger/commands/mend.ts';
import { followEvents } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { hold } from '../mutex/lease.ts';
import type { Mutex } from '../mutex/mutex.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import { currentOf } from '../succession/current.ts';
import { applyOrder } from './apply.ts';
import { runChores } from './chores.ts';
import { lookForFleets } from './fleets.ts';
import { HaltMemory } from './halt-memory.ts';
import { OddityLog } from './oddity-log.ts';
import { type Gate, Reconciler, type Round } from './reconcile.ts';
import { ReconcileSchedule } from './reconcile-schedule.ts';
import { SessionCaps } from './session-caps.ts';
import { Updates } from './updates.ts';

/** How long a term's first reconciliation waits for the trade updates to be there. */
const LISTEN_LIMIT_MS = 1_000;
const LAG_MS = 5_000;
const EQUITY_JUMP = '0.5';
/** The pause before the events are followed again after a refusal. */
const EVENTS_RESTART_MS = 500;
/**
 * Who stood down keeps out of the election for so many leases: whoever stands by tries several times in one.
 */
const STAND_DOWN_LEASES = 2;
/** How long the broker may take to say what became of an order that was replaced. */
const FOLLOW_LIMIT_MS = 10_000;

/** Totals since this process began. */
export type KeeperReport = {
  type: 'keeper';
  active: boolean;
  reconciles: number;
  failures: number;
  rebuilt: number;
  adopted: number;
  applied: number;
  settled: number;
  corrected: number;
  /** What became of the account's steals while this keeper was active, by their events. */
  steals: { granted: number; failed: number; unused: number; refused: number };
};

/**
 * The events that tell what became of a steal, beside `steal_failed` for want of what its victims were to
 * free.
 */
const STEAL_ENDS: Readonly<Record<string, keyof KeeperReport['steals']>> = {
  granted: 'granted',
  steal_unused: 'unused',
  steal_refused: 'refused',
};
const VICTIM_FILLED = 'a victim was filled';

export type KeeperOptions = {
  ledger: Ledger;
  /** For the ledger's events, which take a connection of their own. */
  redisUrl: string;
  broker: Broker;
  mutex: Mutex;
  rules: Settings;
  leaseMs: number;
  /**
   * How long what was marked as sent may still be on its way to the broker: the lease, and a request's
   * timeout.
   */
  inFlightMs: number;
  syncMs: number;
  /** An account that was not reconciled for so long admits nothing (I8). */
  syncMaxAgeMs: number;
  /**
   * Ids and symbols of what can't be counted and is to be passed over in silence (WORKSTEAL_IGNORE); default:
   * none.
   */
  ignored?: readonly string[];
  log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** A lower position counts when the broker told it twice, so far apart: its lag. Default 5 s. */
  lagMs?: number;
  /** An equity higher by more than this share waits for a person; a decimal, '0': none waits. Default 0.5. */
  equityJump?: string;
  /** Hands cancellations on record to the workers once more (I9). */
  recoverOutbox: (signal: AbortSignal) => Promise<unknown>;
  /** Why it stands down, and '' when it keeps the account again. */
  onTrouble?: (words: string) => void;
  /** After each round. */
  report?: (report: KeeperReport) => void;
  /** Fault tests: called after a step. */
  step?: (name: string) => void;
  monotonicMs?: () => number;
};

/** Stands by, and keeps the account whenever it is this process's turn. Resolves when the signal aborts. */
export async function runKeeper(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  const { ledger, mutex, leaseMs, log, onTrouble = () => {} } = options;
  const keeper = new Keeper(options);
  const electionKey = key(ledger.account, 'keeper');
  const onError = (err: unknown): void => {
    if (standsDown(err)) {
      onTrouble(err.message);
      log.error(
        { code: err.code },
        `keeper: standing down, so that another one may keep the account: ${err.message}`,
      );
    } else if (err instanceof WorkstealError && err.retriable) {
      log.warn({ err }, `keeper: the term ended, the next one begins soon: ${err.message}`);
    } else log.error({ err }, 'keeper: the term ended with a fault');
  };
  const keepOutMs = (err: unknown) => (standsDown(err) ? STAND_DOWN_LEASES * leaseMs : undefined);
  try {
    void keeper.listen(signal);
    await hold({ mutex, key: electionKey, ttlMs: leaseMs, signal, onError, keepOutMs }, (lost) =>
      keeper.term(lost),
    );
  } finally {
    keeper.close();
  }
}

/** Of no use as the keeper: the broker does not accept its keys, or they are of another account. */
function standsDown(error: unknown): error is WorkstealError {
  return error instanceof WorkstealError && (error.code === 'keys' || error.code === 'account');
}

class Keeper {
  readonly #options: KeeperOptions;
  readonly #monotonicMs: () => number;
  readonly #step: (name: string) => void;
  readonly #reconciler: Reconciler;
  readonly #caps: SessionCaps;
  readonly #oddities = new OddityLog();
  readonly #halts: HaltMemory;
  /** Of its term; undefined while it stands by. */
  #schedule: ReconcileSchedule | undefined;
  readonly #totals: KeeperReport = {
    type: 'keeper',
    active: false,
    reconciles: 0,
    failures: 0,
    rebuilt: 0,
    adopted: 0,
    applied: 0,
    settled: 0,
    corrected: 0,
    steals: { granted: 0, failed: 0, unused: 0, refused: 0 },
  };

  constructor(options: KeeperOptions) {
    const { monotonicMs = () => performance.now(), step = () => {} } = options;
    this.#options = options;
    this.#monotonicMs = monotonicMs;
    this.#step = step;
    const trust = {
      apartMs: options.lagMs ?? LAG_MS,
      raiseMs: options.syncMs,
      jump: options.equityJump ?? EQUITY_JUMP,
    };
    this.#halts = new HaltMemory(options.ledger, options.log);
    const onLost = () => this.#halts.look();
    this.#reconciler = new Reconciler({ ...options, monotonicMs, step, trust, onLost });
    this.#caps = new SessionCaps({ ...options, monotonicMs });
  }

  close(): void {
    this.#reconciler.close();
  }

  /** Follows the account's events and looks at its halt, active or standing by, until the signal aborts. */
  async listen(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#halts.run(signal), this.#followEvents(signal)]);
  }

  /**
   * Keeps the account until `lost` aborts.
   * @throws WorkstealError where the settings can't be put in force
   */
  async term(lost: AbortSignal): Promise<void> {
    const { ledger, broker, log, recoverOutbox } = this.#options;
    log.info('keeper: active');
    await this.#configure();
    this.#reconciler.begin();
    const standDown = Promise.withResolvers<never>();
    const rounds: ReconcileSchedule = new ReconcileSchedule({
      round: (reasons, signal) => this.#round(reasons, gate, signal),
      onFailure: (err, reasons) => {
        this.#totals.failures += 1;
        this.#tell();
        if (standsDown(err)) return standDown.reject(err);
        void noteFailure(ledger, err instanceof Error ? err.message : String(err)).catch(() => {});
        log.warn(
          { err, reasons },
          'reconciling failed; without success the account admits nothing any more before long',
        );
      },
      everyMs: this.#options.syncMs,
      monotonicMs: this.#monotonicMs,
    });
    const updates: Updates = new Updates({
      apply: (order) => this.#apply(order, rounds),
      onOverflow: () => rounds.ask('overflow'),
    });
    // Until then they may be of another account.
    const gate: Gate = {
      pause: () => updates.pause(),
      resume: () => this.#reconciler.isIdentified && updates.resume(),
    };
    void updates.pause();
    this.#totals.active = true;
    this.#schedule = rounds;
    rounds.ask('start');
    const end = new AbortController();
    const signal = AbortSignal.any([lost, end.signal]);
    const listening = Promise.withResolvers<void>();
    const onUpdate = (update: TradeUpdate) => {
      if (update.kind === 'connected') listening.resolve();
      this.#onUpdate(update, updates, rounds);
    };
    let work: Promise<unknown> | undefined;
    try {
      work = Promise.all([
        broker.follow(onUpdate, signal),
        this.#whenListening(listening.promise, signal).then(() => rounds.run(signal)),
        runChores(
          {
            ledger,
            recoverOutbox,
            followSession: (chore) => this.#caps.follow(chore),
            onLost: () => rounds.ask('unsynced'),
            monotonicMs: this.#monotonicMs,
            onFailure: (err) => log.warn({ err }, 'keeper: a chore failed'),
          },
          signal,
        ),
      ]);
      await Promise.race([work, standDown.promise]);
    } finally {
      end.abort();
      await work?.catch(() => {});
      await updates.pause();
      this.#totals.active = false;
      this.#schedule = undefined;
      this.#tell();
      log.info('keeper: standing by');
    }
  }

  async #configure(): Promise<void> {
    const { ledger, rules, log } = this.#options;
    const [before] = await answerOf(
      'settings',
      ledger.redis.hmget(key(ledger.account, 'settings'), 'fingerprint'),
    );
    if (before && before !== fingerprint(rules))
      log.warn({ before, now: fingerprint(rules) }, 'the settings in force change');
    await mend(ledger);
    await this.#caps.configure().catch(async (error: unknown) => {
      // A key that the settings are kept in was odd: it is gone after the mend.
      if (!(error instanceof WorkstealError) || error.code !== 'damaged') throw error;
      await mend(ledger);
      await this.#caps.configure();
    });
    const [left] = await answerOf('pools', ledger.redis.hmget(key(ledger.account, 'account'), 'pools_left'));
    if (left)
      log.warn(
        { pools: left },
        `not in the settings and in use: pools ${left}; their caps hold until they are empty`,
      );
  }

  /**
   * Listen first, then list: nothing happens unseen in between. A stream that does not come keeps nobody
   * waiting for long.
   */
  async #whenListening(listening: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const patience = sleep(LISTEN_LIMIT_MS, undefined, {
      signal: AbortSignal.any([signal, over.signal]),
    }).catch(() => {});
    await Promise.race([listening, patience]);
    over.abort();
  }

  #onUpdate(update: TradeUpdate, updates: Updates, rounds: ReconcileSchedule): void {
    if (update.kind === 'order') return updates.push(update.order);
    if (update.kind === 'odd') {
      const { id, symbol, why } = update.oddity;
      this.#options.log.debug(
        { order: id, symbol, event: update.event },
        `trade updates: an order that can not be read: ${why}`,
      );
      return rounds.ask('odd_update');
    }
    // Nothing is replayed: whatever was missed before the connection is found by asking.
    if (update.kind === 'connected') rounds.ask('connected');
    else this.#options.log.warn({ reason: update.message }, 'trade updates: disconnected');
  }

  async #apply(told: BrokerOrder, rounds: ReconcileSchedule): Promise<void> {
    let order = this.#reconciler.inDollars(told);
    if (order === undefined) return rounds.ask('unpriced_order');
    try {
      // Which order is to replace it is not told here: the list of live orders has it, and both count.
      if (told.replaceRequested) rounds.ask('pending_replace');
      const parts = { ledger: this.#options.ledger, broker: this.#reconciler.broker };
      const current = await currentOf(parts, order, AbortSignal.timeout(FOLLOW_LIMIT_MS));
      if (current.kind === 'old') return;
      order = current.order;
      const applied = await applyOrder(this.#options.ledger, order);
      if (applied === 'changed') {
        this.#totals.applied += 1;
        this.#step(order.state === 'live' ? 'after_open' : 'after_settle');
      }
      // Another fleet's order that filled at once is in no list.
      if (applied === 'unknown' && order.state !== 'live') await lookForFleets(this.#options.ledger, [order]);
      // Of an order that came and went without a fill nothing is left to count.
      if (applied === 'unknown' && (order.state === 'live' || toNanos(order.filledQty) > 0n))
        rounds.ask('unknown_order');
      if (applied === 'contradiction') {
        this.#options.log.warn(
          { order: order.id, status: order.status, filledQty: order.filledQty },
          `${order.symbol}: an update contradicts the ledger`,
        );
        rounds.ask('contradiction');
      }
    } catch (err) {
      this.#options.log.warn({ err, order: order.id }, `${order.symbol}: an update could not be applied`);
      rounds.ask('not_applied');
    }
  }

  /**
   * Counts what becomes of steals. A refusal of an order that fitted in the ledger for want of buying power:
   * the two have drifted apart.
   */
  async #followEvents(signal: AbortSignal): Promise<void> {
    const { ledger, redisUrl, log } = this.#options;
    const { steals } = this.#totals;
    const onEvent = ({ type, fields }: { type: string; fields: Readonly<Record<string, string>> }) => {
      this.#halts.heard(type, fields['reason'] ?? '');
      const rounds = this.#schedule;
      if (rounds === undefined) return;
      const end =
        STEAL_ENDS[type] ??
        (type === 'steal_failed' && fields['reason'] === VICTIM_FILLED ? 'failed' : undefined);
      if (end !== undefined) steals[end] += 1;
      if (type === 'ended' && fields['reason']?.includes('buying_power')) rounds.ask('buying_power');
      // The account's own answer may say why, and later that it is over.
      if (type === 'closed' && fields['cause'] === 'broker') rounds.ask('account');
    };
    while (!signal.aborted) {
      try {
        await followEvents(redisUrl, ledger.account, onEvent, signal);
      } catch (err) {
        log.warn({ err }, 'keeper: following the events failed, starting again');
        this.#schedule?.ask('events'); // what they told meanwhile
        await sleep(EVENTS_RESTART_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #round(reasons: readonly string[], updates: Gate, signal: AbortSignal): Promise<boolean> {
    const startedMs = this.#monotonicMs();
    const round = await this.#reconciler.round(updates, signal);
    const totals = this.#totals;
    totals.reconciles += 1;
    this.#options.onTrouble?.('');
    totals.rebuilt += round.rebuilt ? 1 : 0;
    totals.adopted += round.adopted;
    totals.applied += round.applied;
    totals.settled += round.settled;
    totals.corrected += round.corrected.length;
    this.#tell();
    this.#oddities.tell(round.oddities, this.#options.log);
    await noteOddities(this.#options.ledger, round.oddities);
    this.#logRound(round, reasons, Math.round(this.#monotonicMs() - startedMs));
    return round.again;
  }

  #logRound(round: Round, reasons: readonly string[], tookMs: number): void {
    const { log } = this.#options;
    const facts = { ...round, reasons, tookMs };
    if (round.rebuilt) log.info(facts, 'the ledger was rebuilt from the broker and is open');
    else if (round.corrected.length > 0)
      log.warn(facts, `positions corrected: ${round.corrected.join(', ')}`);
    else log.debug(facts, 'reconciled');
  }

  #tell(): void {
    this.#options.report?.({ ...this.#totals, steals: { ...this.#totals.steals } });
  }
}
