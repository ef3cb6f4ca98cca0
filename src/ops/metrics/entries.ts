/** Entries that ask for room, and how long it takes: of every role that enters orders. */
import type { Counter, Histogram } from 'prom-client';
import { ADMISSIONS, REFUSALS } from '../../domain/outcome.ts';
import type { Instruments } from './instruments.ts';

/**
 * What a refused attempt is counted under: the refusals, a dry run, and a steal whose victims did not free
 * enough in time.
 */
const REFUSED: readonly string[] = [...REFUSALS, 'dry_run', 'steal_failed'];

export type EntryLatency = 'admit' | 'blockedToGranted' | 'lockWait';

export class EntryMetrics {
  readonly #admissions: Counter<'result' | 'reason'>;
  readonly #seconds: Readonly<Record<EntryLatency, Histogram>>;

  constructor(instruments: Instruments) {
    this.#admissions = instruments.counter(
      'admissions_total',
      'Answers to entries that asked for room. admitted: fits, stolen. refused: the refusals that ' +
        '`worksteal status` lists, dry_run and steal_failed',
      ['result', 'reason'],
    );
    this.#seconds = {
      admit: instruments.seconds(
        'admit_seconds',
        'How long such an answer took; of a watcher at most 1,000 samples per second',
      ),
      blockedToGranted: instruments.seconds(
        'blocked_to_granted_seconds',
        'From finding no room to having stolen it',
      ),
      lockWait: instruments.seconds(
        'lock_wait_seconds',
        "How long steals waited for the account's mutex, whether they got it or not",
      ),
    };
    for (const reason of ADMISSIONS) this.#admissions.inc({ result: 'admitted', reason }, 0);
    for (const reason of REFUSED) this.#admissions.inc({ result: 'refused', reason }, 0);
  }

  admitted(reason: (typeof ADMISSIONS)[number], times = 1): void {
    this.#admissions.inc({ result: 'admitted', reason }, times);
  }

  /** A reason that is not of the closed list is passed over. */
  refused(reason: string, times = 1): void {
    if (REFUSED.includes(reason)) this.#admissions.inc({ result: 'refused', reason }, times);
  }

  took(latency: EntryLatency, ms: number): void {
    this.#seconds[latency].observe(ms / 1_000);
  }
}
