/** A keeper's: its rounds, and what it heard of the account's steals while it was active. */
import { BROKER_SECONDS, type Instruments } from './instruments.ts';
import { KEPT, STEALS } from './reports.ts';
import { total, totals } from './totals.ts';

const ROUNDS = ['reconciled', 'rebuilt', 'failed'] as const;

export function keepRecorder(instruments: Instruments): (report: unknown) => void {
  const addRounds = totals(
    instruments.counter(
      'reconciles_total',
      'Reconciliations by outcome: reconciled, rebuilt (the ledger, from the broker), failed',
      ['outcome'],
    ),
    ROUNDS,
  );
  const counter = (name: string, help: string) => total(instruments.counter(name, help));
  const addCorrected = counter('reconcile_corrected_total', 'Positions that a reconciliation had to correct');
  const addSteals = totals(
    instruments.counter(
      'steals_total',
      "What became of the account's steals while this keeper was active. granted; failed: its victims " +
        'filled first; unused: the thief left without the room that was freed for it; refused: the broker ' +
        "did not take the thief's order",
      ['outcome'],
    ),
    STEALS,
  );
  const stealSeconds = instruments.seconds(
    'steal_seconds',
    'From a steal to its grant or its failure, by the events that this keeper heard while it was active, ' +
      'in real time',
    BROKER_SECONDS,
  );
  const addVictimFills = counter(
    'victim_fills_total',
    'Victims that filled while they were being cancelled, by the same events',
  );
  const addFights = counter('fights_total', 'Fights that began, by the same events');
  const addRegret = counter(
    'steal_regret_dollars_total',
    'Forecasts of victims whose limit traded after they were taken, by the same events: counted when the ' +
      'watch of a steal ends (WORK_STEALING_REGRET_WINDOW); a steal whose sum is below 0 counts 0',
  );
  const addGain = counter(
    'steal_gain_dollars_total',
    'Forecasts of thieves, as far as they filled, counted in the same way',
  );
  const active = instruments.gauge(
    'keeper_active',
    '1: this keeper keeps the account (from its first round on); 0: it stands by. The sum over an ' +
      "account's keepers is 1, except around a takeover",
  );
  return (report) => {
    const { data } = KEPT.safeParse(report);
    if (data === undefined) return;
    addRounds({ reconciled: data.reconciles - data.rebuilt, rebuilt: data.rebuilt, failed: data.failures });
    addCorrected(data.corrected);
    if (data.steals !== undefined) addSteals(data.steals);
    for (const ms of data.stealMs ?? []) stealSeconds.observe(ms / 1_000);
    addVictimFills(data.victimFills ?? 0);
    addFights(data.fights ?? 0);
    addRegret((data.regretMicros ?? 0) / 1_000_000);
    addGain((data.gainMicros ?? 0) / 1_000_000);
    active.set(data.active ? 1 : 0);
  };
}
