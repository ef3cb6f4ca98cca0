/**
 * The metrics of one role, in Prometheus' text format, made of what the role reports anyway. Labels come from
 * closed lists, so the number of series is bounded, and every counter is there from the start, at 0.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { ADMISSIONS, REFUSALS } from '../domain/outcome.ts';

/**
 * What a refused attempt is counted under: the refusals, a dry run, and a steal whose victims did not free
 * enough in time.
 */
const REFUSED = [...REFUSALS, 'dry_run', 'steal_failed'] as const;
/**
 * As `worksteal status` has them; `gate` counts those near enough to steal, each of which is in one of the
 * others too.
 */
const TIERS = ['forced', 'wide', 'normal', 'gate'] as const;
/** What became of steals: `unused` and `refused` were granted before, or left by their thief. */
const STEALS = ['granted', 'failed', 'unused', 'refused'] as const;
/** How a cancellation ended; `failed` ones are tried again. */
const CANCELS = ['settled', 'ended', 'not_cancelling', 'unknown', 'failed'] as const;

/** 0.5 ms to 10 s: a decision takes some ms, waiting for a victim's end up to seconds. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const count = z.number().int().nonnegative();
const samplesMs = z.array(z.number().nonnegative()).max(1_000);

const STATS = z.object({
  type: z.literal('stats'),
  plans: count,
  tiers: z.partialRecord(z.enum(TIERS), count),
  fits: count,
  stolen: count,
  refused: z.record(z.string(), count),
  latencyMs: z.object({ admit: samplesMs, blockedToGranted: samplesMs }),
});
const CANCELLED = z.object({ type: z.literal('cancels'), ...countsOf(CANCELS) });
const KEPT = z.object({
  type: z.literal('keeper'),
  active: z.boolean(),
  reconciles: count,
  rebuilt: count,
  failures: count,
  corrected: count,
  steals: z.object(countsOf(STEALS)).optional(),
});
const FILED = z.object({ type: z.literal('plans'), filed: count });

export type Metrics = {
  /** Counts a report of the role; other messages are ignored. */
  record(report: Readonly<Record<string, unknown>>): void;
  text(): Promise<string>;
  readonly contentType: string;
};

/** The labels that distinguish processes. */
export type Identity = { role: string; host: string; account: string };

/** `role`: watch, work, keep or plan; other roles have only `worksteal_process_info`. */
export function openMetrics({ role, host, account }: Identity): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const labels = { role, host, account };
  new Gauge({
    name: 'worksteal_process_info',
    help: 'Which process this is; always 1',
    labelNames: Object.keys(labels),
    registers,
  }).set(labels, 1);
  return {
    record: RECORDERS[role]?.(registers) ?? (() => {}),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Recording = Metrics['record'];
type Recorder = (registers: Registry[]) => Recording;

const RECORDERS: Readonly<{ [role: string]: Recorder | undefined }> = {
  watch: watcher,
  work: worker,
  keep: keeper,
  plan: planner,
};

/** Its counts are since its last report. */
function watcher(registers: Registry[]): Recording {
  const labelNames = ['result', 'reason'] as const;
  const admissions = new Counter({
    name: 'worksteal_admissions_total',
    help: 'Answers to entries that asked for room',
    labelNames,
    registers,
  });
  const seconds = (name: string, help: string) =>
    new Histogram({ name, help, buckets: BUCKETS_SECONDS, registers });
  const admit = seconds(
    'worksteal_admit_seconds',
    'Time to answer an entry; at most 1,000 samples per second',
  );
  const granted = seconds('worksteal_blocked_to_granted_seconds', 'From finding no room to having stolen it');
  const tiers = new Gauge({
    name: 'worksteal_plans',
    help:
      'Plans of this watcher that wait for their entry, by tier; gate: near enough to steal, counted in ' +
      'another tier too',
    labelNames: ['tier'],
    registers,
  });
  const held = new Gauge({
    name: 'worksteal_plans_held',
    help: 'Plans that this watcher holds, at any stage',
    registers,
  });
  for (const reason of ADMISSIONS) admissions.inc({ result: 'admitted', reason }, 0);
  for (const reason of REFUSED) admissions.inc({ result: 'refused', reason }, 0);
  for (const tier of TIERS) tiers.set({ tier }, 0);
  return (report) => {
    const { data } = STATS.safeParse(report);
    if (data === undefined) return;
    for (const reason of ADMISSIONS) admissions.inc({ result: 'admitted', reason }, data[reason]);
    for (const reason of REFUSED) admissions.inc({ result: 'refused', reason }, data.refused[reason] ?? 0);
    for (const ms of data.latencyMs.admit) admit.observe(ms / 1_000);
    for (const ms of data.latencyMs.blockedToGranted) granted.observe(ms / 1_000);
    for (const tier of TIERS) tiers.set({ tier }, data.tiers[tier] ?? 0);
    held.set(data.plans);
  };
}

function worker(registers: Registry[]): Recording {
  const add = totals(
    'worksteal_cancels_total',
    'Cancellations carried out, by how they ended; failed ones are tried again',
    CANCELS,
    registers,
  );
  return (report) => {
    const { data } = CANCELLED.safeParse(report);
    if (data !== undefined) add(data);
  };
}

function keeper(registers: Registry[]): Recording {
  const outcomes = ['reconciled', 'rebuilt', 'failed'] as const;
  const add = totals(
    'worksteal_reconciles_total',
    'Reconciliations, by outcome; rebuilt: from the broker alone',
    outcomes,
    registers,
  );
  const name = 'worksteal_reconcile_corrected_total';
  const addCorrected = total(
    new Counter({ name, help: 'Positions that a reconciliation had to correct', registers }),
  );
  const addSteals = totals(
    'worksteal_steals_total',
    'Steals of the account while this keeper was active, by outcome; unused: the thief left without ' +
      'the room; refused: the broker refused its order',
    STEALS,
    registers,
  );
  const active = new Gauge({
    name: 'worksteal_keeper_active',
    help: '1: this keeper keeps the account; 0: it stands by',
    registers,
  });
  return (report) => {
    const { data } = KEPT.safeParse(report);
    if (data === undefined) return;
    add({ reconciled: data.reconciles - data.rebuilt, rebuilt: data.rebuilt, failed: data.failures });
    addCorrected(data.corrected);
    if (data.steals !== undefined) addSteals(data.steals);
    active.set(data.active ? 1 : 0);
  };
}

function planner(registers: Registry[]): Recording {
  const addFiled = total(
    new Counter({ name: 'worksteal_plans_filed_total', help: 'Plans filed by this planner', registers }),
  );
  return (report) => {
    const { data } = FILED.safeParse(report);
    if (data !== undefined) addFiled(data.filed);
  };
}

/** For reports of totals since the process began: a counter per outcome, raised to the total. */
function totals<Outcome extends string>(
  name: string,
  help: string,
  outcomes: readonly Outcome[],
  registers: Registry[],
) {
  const counter = new Counter({ name, help, labelNames: ['outcome'], registers });
  const each = outcomes.map((outcome) => ({ outcome, add: total(counter.labels({ outcome })) }));
  return (now: { readonly [outcome in Outcome]: number }): void => {
    for (const { outcome, add } of each) add(now[outcome]);
  };
}

function total(counter: { inc(by: number): void }): (now: number) => void {
  let before = 0;
  counter.inc(0);
  return (now) => {
    if (now > before) counter.inc(now - before);
    before = Math.max(before, now);
  };
}

function countsOf<Name extends string>(names: readonly Name[]): { [name in Name]: typeof count } {
  return Object.fromEntries(names.map((name) => [name, count])) as { [name in Name]: typeof count };
}
