/**
 * The metrics of one role, in Prometheus' text format. Labels come from closed lists, so the number of series
 * is bounded: no symbol, order or plan is one. Counters with a closed list are there from the start, at 0.
 */
import { collectDefaultMetrics } from 'prom-client';
import { AlertMetrics } from './alert.ts';
import { BookMetrics } from './book.ts';
import { BrokerMetrics } from './broker.ts';
import { EntryMetrics } from './entries.ts';
import { EventMetrics } from './events.ts';
import { HttpMetrics } from './http.ts';
import { type Definition, Instruments } from './instruments.ts';
import { JudgeMetrics } from './judge.ts';
import { keepRecorder } from './keep.ts';
import { LedgerMetrics } from './ledger.ts';
import { planRecorder } from './plan.ts';
import { watchRecorder } from './watch.ts';
import { workRecorder } from './work.ts';

/** Of a role that does not have one of these parts, the part counts and is not told. */
export type Metrics = {
  /** Counts a report of the role; other messages are ignored. */
  record(report: Readonly<Record<string, unknown>>): void;
  readonly entries: EntryMetrics;
  readonly ledger: LedgerMetrics;
  readonly broker: BrokerMetrics;
  readonly http: HttpMetrics;
  readonly events: EventMetrics;
  readonly book: BookMetrics;
  readonly judge: JudgeMetrics;
  readonly alert: AlertMetrics;
  /** From now on it also tells what Node knows of the process: CPU, memory, event loop, collections. */
  watchProcess(): void;
  text(): Promise<string>;
  /** Every metric that the role tells, whether it has a value yet or not. */
  definitions(): Definition[];
  readonly contentType: string;
};

export type { Definition } from './instruments.ts';

/** The labels that distinguish processes. */
export type Identity = { role: string; host: string; account: string };

type Part = 'entries' | 'ledger' | 'broker' | 'http' | 'events' | 'book' | 'judge' | 'alert' | 'own';

/** Which parts a role tells; `own`: those of its reports. */
export const PARTS_OF: Readonly<Record<string, readonly Part[]>> = {
  watch: ['entries', 'own', 'ledger', 'broker'],
  work: ['own', 'ledger', 'broker'],
  keep: ['own', 'book', 'ledger', 'broker'],
  plan: ['own', 'ledger', 'broker'],
  serve: ['http', 'events', 'entries', 'ledger', 'broker'],
  gateway: ['http', 'entries', 'ledger', 'broker'],
  alert: ['alert'],
  exchange: ['http', 'judge'],
};

const RECORDERS: Readonly<
  Record<string, (instruments: Instruments, entries: EntryMetrics) => Metrics['record']>
> = { watch: watchRecorder, work: workRecorder, keep: keepRecorder, plan: planRecorder };

/** Roles that PARTS_OF does not name have only the metrics of every process. */
export function openMetrics(identity: Identity): Metrics {
  const { role } = identity;
  const instruments = new Instruments();
  const untold = new Instruments();
  const of = (part: Part): Instruments => (PARTS_OF[role]?.includes(part) ? instruments : untold);
  const { registry } = instruments;
  const labels = Object.keys(identity) as (keyof Identity)[];
  instruments.gauge('process_info', 'Which process this is; always 1', labels).set(identity, 1);
  const entries = new EntryMetrics(of('entries'));
  const record = RECORDERS[role]?.(of('own'), entries) ?? (() => {});
  const ledger = new LedgerMetrics(of('ledger'));
  const broker = new BrokerMetrics(of('broker'));
  const http = new HttpMetrics(of('http'));
  const events = new EventMetrics(of('events'));
  const book = new BookMetrics();
  const judge = new JudgeMetrics(of('judge'));
  const alert = new AlertMetrics(of('alert'));
  return {
    record,
    ...{ entries, ledger, broker, http, events, book, judge, alert },
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    text: async () => (await registry.metrics()) + (await book.text()),
    definitions: () => [
      ...instruments.definitions(),
      ...(PARTS_OF[role]?.includes('book') ? book.instruments.definitions() : []),
    ],
    contentType: registry.contentType,
  };
}
