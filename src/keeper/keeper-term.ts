/** A keeper's work: what it does while it is active, and what it follows while it stands by. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TradeUpdate } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { noteFailure, noteOddities } from '../ledger/commands/keeper-note.ts';
import { followEvents, type LedgerEvent } from '../ledger/events.ts';
import { applyUpdate } from './apply-update.ts';
import { runChores } from './chores.ts';
import { HaltMemory } from './halt-memory.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { KeeperTotals } from './keeper-report.ts';
import { OddityLog } from './oddity-log.ts';
import { putSettingsInForce } from './put-settings-in-force.ts';
import { Reconciler } from './reconcile.ts';
import { ReconcileSchedule } from './reconcile-schedule.ts';
import type { Gate, Round } from './round.ts';
import { SessionCaps } from './session-caps.ts';
import { UpdateQueue } from './update-queue.ts';

/** How long a term's first reconciliation waits for the connection of the trade updates. */
const LISTEN_TIMEOUT_MS = 1_000;
const LAG_MS = 5_000;
const EQUITY_JUMP = '0.5';
/** The pause before the events are followed again after a failure. */
const EVENTS_RESTART_MS = 500;

/** Can this keeper not keep the account: the broker rejects its keys, or they are of another account? */
export function standsDown(error: unknown): error is WorkstealError {
  return error instanceof WorkstealError && (error.code === 'keys' || error.code === 'account');
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #monotonicMs: () => number;
  readonly #step: (name: string) => void;
  readonly #reconciler: Reconciler;
  readonly #caps: SessionCaps;
  readonly #oddities = new OddityLog();
  readonly #halts: HaltMemory;
  readonly #totals = new KeeperTotals();
  /** Of the current term; undefined while it stands by. */
  #schedule: ReconcileSchedule | undefined;
  /** What the broker counted in the last round. */
  #brokerMicros: number | undefined;
  /** Why the last round failed; undefined after one that succeeded. */
  #failing: string | undefined;

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

  /** Follows the account's events and its halt, active or standing by, until the signal aborts. */
  async listen(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#halts.run(signal), this.#followEvents(signal)]);
  }

  /**
   * Keeps the account until `lost` aborts.
   * @throws WorkstealError when the settings can't be put in force; `keys`, `account`: see standsDown
   */
  async term(lost: AbortSignal): Promise<void> {
    const { ledger, broker, rules, log, recoverOutbox } = this.#options;
    log.info('keeper: active');
    await putSettingsInForce({ ledger, rules, caps: this.#caps, log });
    this.#reconciler.begin();
    const standDown = Promise.withResolvers<never>();
    const rounds: ReconcileSchedule = new ReconcileSchedule({
      round: (reasons, signal) => this.#round(reasons, gate, signal),
      onFailure: (err, reasons) => {
        this.#totals.failures += 1;
        this.#report();
        if (standsDown(err)) return standDown.reject(err);
        void noteFailure(ledger, err instanceof Error ? err.message : String(err)).catch(() => {});
        // The same failure is logged once, until a round succeeds.
        const why = err instanceof Error ? err.message : String(err);
        log[why === this.#failing ? 'debug' : 'warn'](
          { err, reasons },
          'reconciling failed, trying again; if it does not succeed soon, the account admits nothing',
        );
        this.#failing = why;
      },
      everyMs: this.#options.syncMs,
      monotonicMs: this.#monotonicMs,
    });
    const updates: UpdateQueue = new UpdateQueue({
      apply: (order) =>
        applyUpdate(
          {
            ledger,
            reconciler: this.#reconciler,
            log,
            step: this.#step,
            onApplied: () => {
              this.#totals.applied += 1;
            },
            ask: (reason) => rounds.ask(reason),
          },
          order,
        ),
      onOverflow: () => rounds.ask('overflow'),
    });
    // Until the account is identified, the updates may be of another one.
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
            onFailure: (err) => log.warn({ err }, 'keeper: a periodic step failed, trying again'),
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
      this.#report();
      log.info('keeper: standing by');
    }
  }

  /**
   * Connects before the orders are listed, so that no update is missed in between. Without a connection in
   * time, the first round begins anyway.
   */
  async #whenListening(listening: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const timeout = sleep(LISTEN_TIMEOUT_MS, undefined, {
      signal: AbortSignal.any([signal, over.signal]),
    }).catch(() => {});
    await Promise.race([listening, timeout]);
    over.abort();
  }

  #onUpdate(update: TradeUpdate, updates: UpdateQueue, rounds: ReconcileSchedule): void {
    if (update.kind === 'order') return updates.push(update.order);
    if (update.kind === 'odd') {
      const { id, symbol, why } = update.oddity;
      this.#options.log.debug(
        { order: id, symbol, event: update.event },
        `trade updates: an order could not be read: ${why}`,
      );
      return rounds.ask('odd_update');
    }
    // The broker replays nothing: a reconciliation finds what was missed. The adapter logs a disconnect.
    if (update.kind === 'connected') rounds.ask('connected');
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { ledger, redisUrl, log } = this.#options;
    while (!signal.aborted) {
      try {
        await followEvents(redisUrl, ledger.account, (event) => this.#onEvent(event), signal);
      } catch (err) {
        log.warn({ err }, 'keeper: the events of the ledger could not be read, starting again');
        this.#schedule?.ask('events'); // for events that were missed
        await sleep(EVENTS_RESTART_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #onEvent(event: LedgerEvent): void {
    const { type, fields } = event;
    this.#halts.heard(type, fields);
    const rounds = this.#schedule;
    if (rounds === undefined) return;
    this.#totals.countEvent(event);
    // The order fitted in the ledger, but not at the broker: the two differ.
    if (type === 'ended' && fields['reason']?.includes('buying_power')) rounds.ask('buying_power');
    // The broker's account may say why it refused an order, and later that it takes orders again.
    if (type === 'closed' && fields['cause'] === 'broker') rounds.ask('account');
  }

  async #round(reasons: readonly string[], updates: Gate, signal: AbortSignal): Promise<boolean> {
    const startedMs = this.#monotonicMs();
    const round = await this.#reconciler.round(updates, signal);
    this.#options.onTrouble?.('');
    if (this.#failing !== undefined) this.#options.log.info('reconciling succeeds again');
    this.#failing = undefined;
    this.#totals.countRound(round);
    this.#report();
    this.#oddities.update(round.oddities, this.#options.log);
    await noteOddities(this.#options.ledger, round.oddities, this.#counted(round.brokerMicros));
    this.#logRound(round, reasons, Math.round(this.#monotonicMs() - startedMs));
    return round.again;
  }

  /** An order that fills between the broker's two lists counts twice, but not in two rounds in a row. */
  #counted(brokerMicros: number): number {
    const before = this.#brokerMicros ?? brokerMicros;
    this.#brokerMicros = brokerMicros;
    return Math.min(before, brokerMicros);
  }

  #logRound(round: Round, reasons: readonly string[], tookMs: number): void {
    const { log } = this.#options;
    const facts = { ...round, reasons, tookMs };
    if (round.rebuilt) log.info(facts, 'the ledger was rebuilt from the broker and is open');
    else if (round.corrected.length > 0)
      log.warn(facts, `positions corrected: ${round.corrected.join(', ')}`);
    else log.debug(facts, 'reconciled');
  }

  #report(): void {
    this.#options.report?.(this.#totals.report());
  }
}
