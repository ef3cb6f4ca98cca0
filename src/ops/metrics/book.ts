/**
 * Figures of the whole book. Only the active keeper tells them: two processes that told the same number would
 * count it twice. They are gone when it stands by, or can't read the book.
 */
import type { Gauge } from 'prom-client';
import type { BookFigures } from './book-figures.ts';
import { Instruments } from './instruments.ts';

const STATES = ['pending', 'reserved', 'working', 'cancelling'];
const STAGES = ['waiting', 'entering', 'holding', 'exiting'];
const RULES = [
  'reservation',
  'cancelling',
  'exit',
  'external',
  'probe',
  'vip',
  'near',
  'no_price',
  'cooldown',
  'young',
  'often_robbed',
];
/** Without one of each an account does not work. */
const ROLES = ['keep', 'work', 'watch'];
const NOT_ADMITTING = ['halted', 'closed', 'unsynced', 'over'];
const QUANTILES = [0.5, 0.9, 1];

const dollars = (micros: number): number => micros / 1_000_000;

export class BookMetrics {
  readonly instruments = new Instruments();
  readonly #gauges = gaugesOf(this.instruments);
  #isShown = false;

  show(figures: BookFigures): void {
    this.#isShown = true;
    const g = this.#gauges;
    for (const gauge of Object.values(g)) gauge.reset();
    for (const { pool, capMicros, positionsMicros, roomMicros } of figures.pools) {
      g.cap.set({ pool }, dollars(capMicros));
      g.positions.set({ pool }, dollars(positionsMicros));
      g.overcommit.set({ pool }, dollars(Math.max(0, -roomMicros)));
    }
    for (const { pool, state, micros } of figures.held) g.held.set({ pool, state }, dollars(micros));
    g.admitting.set(figures.admits === 'yes' ? 1 : 0);
    for (const reason of NOT_ADMITTING) g.notAdmitting.set({ reason }, figures.admits === reason ? 1 : 0);
    g.synced.set(figures.syncedAtMs / 1_000);
    setEach(g.orders, 'state', STATES, figures.orders);
    setEach(g.protected, 'rule', [...RULES, 'fight'], figures.protected);
    g.takeable.set(figures.takeable);
    setEach(g.plans, 'stage', STAGES, figures.plans);
    g.unclear.set(figures.unclear);
    for (const { reason, wishes, oldestMs } of figures.waiting) {
      g.waiting.set({ reason }, wishes);
      g.waitingOldest.set({ reason }, oldestMs / 1_000);
    }
    g.waitingPlans.set(figures.queue.plans);
    g.turnsNamed.inc(figures.queue.named);
    g.turnsPassedOver.inc(figures.queue.passedOver);
    g.fights.set(figures.fights);
    g.outbox.set(figures.outbox);
    g.outboxOldest.set(figures.outboxOldestMs / 1_000);
    if (figures.stealBudget !== null) {
      g.stealsTook.set(dollars(figures.stealBudget.takenMicros));
      g.stealBudget.set(dollars(figures.stealBudget.mostMicros));
    }
    for (const { budget, remaining } of figures.budgets) g.budget.set({ budget }, remaining);
    const ages = figures.quoteAgesMs.toSorted((a, b) => a - b);
    for (const quantile of QUANTILES) {
      const age = ages[Math.ceil(quantile * ages.length) - 1];
      if (age !== undefined) g.quoteAge.set({ quantile: String(quantile) }, age / 1_000);
    }
    g.stale.set(figures.staleSymbols);
    g.drift.set(dollars(figures.driftMicros));
    g.brokerExposure.set(dollars(figures.brokerMicros));
    setEach(g.hosts, 'role', ROLES, figures.hosts);
    g.differing.set(figures.hostsDiffering);
  }

  hide(): void {
    this.#isShown = false;
  }

  /** '' while they are hidden. */
  async text(): Promise<string> {
    return this.#isShown ? await this.instruments.registry.metrics() : '';
  }
}

function setEach<Label extends string>(
  gauge: Gauge<Label>,
  label: Label,
  known: readonly string[],
  counts: Readonly<Record<string, number>>,
): void {
  for (const word of new Set([...known, ...Object.keys(counts)]))
    gauge.set({ [label]: word } as Record<Label, string>, counts[word] ?? 0);
}

function gaugesOf(of: Instruments) {
  return {
    cap: of.gauge('cap_dollars', 'The most that may be used, from the last reconciliation', ['pool']),
    positions: of.gauge('positions_dollars', "Positions at cost, by the ledger's sums", ['pool']),
    held: of.gauge('orders_dollars', 'What live orders hold, by a count of the orders', ['pool', 'state']),
    overcommit: of.gauge('overcommit_dollars', "What is used beyond the cap, by the ledger's sums", ['pool']),
    admitting: of.gauge('admitting', '1: entries are admitted; 0: they are not'),
    notAdmitting: of.gauge('not_admitting', '1 at the reason why entries are not admitted', ['reason']),
    synced: of.gauge(
      'synced_timestamp_seconds',
      'When the ledger was last reconciled with the broker, unix time of Redis; 0: never',
    ),
    orders: of.gauge('orders', 'Live orders by state, counted', ['state']),
    protected: of.gauge(
      'protected_orders',
      'Live orders that may not be taken now, by the rule that protects them, counted',
      ['rule'],
    ),
    takeable: of.gauge('takeable_orders', 'Live orders that may be taken now, counted'),
    plans: of.gauge('plans_unfinished', 'Plans that have not ended, by stage, counted', ['stage']),
    unclear: of.gauge(
      'unclear_orders',
      'Live orders that were sent and not confirmed in time: the broker is asked about them',
    ),
    waiting: of.gauge(
      'waiting_wishes',
      'Wishes without room by their last refusal: plans that wait, and orders of bots that were refused ' +
        'within the last minute; the latest 2,000 are looked at',
      ['reason'],
    ),
    waitingOldest: of.gauge(
      'waiting_oldest_seconds',
      'Ledger time since the first refusal of the one among them that is refused longest',
      ['reason'],
    ),
    waitingPlans: of.gauge('waiting_plans', 'Plans that wait for room in the queue of the ledger'),
    turnsNamed: of.counter(
      'turns_named_total',
      "How often it was a plan's turn to take the room that came free, since the account began",
    ),
    turnsPassedOver: of.counter(
      'turns_passed_over_total',
      'How often it did not come in time; where this grows, a watcher hangs',
    ),
    fights: of.gauge('fights_active', 'Pairs of symbols that fight now'),
    outbox: of.gauge('outbox_entries', 'Cancellations on record that are not carried out'),
    outboxOldest: of.gauge('outbox_oldest_seconds', 'Age of the oldest of them; 0: none'),
    budget: of.gauge(
      'broker_budget_remaining',
      "Requests that are left of the account's budget of this minute, for all hosts: trading, data",
      ['budget'],
    ),
    stealsTook: of.gauge(
      'steals_took_dollars',
      'What steals took within the window of WORK_STEALING_BUDGET; 0 without a budget',
    ),
    stealBudget: of.gauge('steal_budget_dollars', 'What they may take within it; 0: they have no budget'),
    quoteAge: of.gauge(
      'quote_age_seconds',
      'Age of the quotes of symbols with live orders or unfinished plans: 0.5 the median, 1 the oldest',
      ['quantile'],
    ),
    stale: of.gauge('stale_symbols', 'Those among these symbols that have no fresh price'),
    drift: of.gauge(
      'reconcile_drift_dollars',
      'By how much the positions of ledger and broker differed in the last reconciliation, before it ' +
        'corrected them: the sum of the differences at cost',
    ),
    brokerExposure: of.gauge(
      'broker_exposure_dollars',
      'What the broker itself reported in the last reconciliation: positions at cost, and the rest of its ' +
        'open orders that do not close one',
    ),
    hosts: of.gauge('hosts', 'Processes with a heartbeat within 15 s', ['role']),
    differing: of.gauge('hosts_differing', "Those among them whose settings are not the account's"),
  };
}
