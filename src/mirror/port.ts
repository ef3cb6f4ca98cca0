/** What a mirror offers to its viewers. */
import type { Protected, Rules } from '../json/live.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import type { EventReader } from './event-reader.ts';
import type { OrderFilter, PlanFilter, StealFilter } from './lists.ts';
import type { PastReading } from './past.ts';
import type { ResetReason } from './resume.ts';
import type { OrderRow, PlanRow, Status, StealRow } from './rows.ts';

/** Ids of rows that changed or are gone, and whether the steals changed. */
export type Changes = { orders: ReadonlySet<string>; plans: ReadonlySet<string>; steals: boolean };

export interface Mirror {
  readonly account: string;
  /** The account's events, one reader for all who listen. */
  readonly events: EventReader;
  /** The last event that is in the mirror, or on its way into it. */
  readonly lastEventId: string;
  /** Of the server's clock when prices were read last; 0: never. */
  readonly atMs: number;
  /** True while it loads, or when Redis was not reached for 3 s. */
  readonly isStale: boolean;
  /** @throws WorkstealError `unknown` without the account, `unavailable` before the first load */
  status(): Status;
  /** The rules in force; null while there are none. */
  readonly rules: Rules | null;
  /** Every symbol that a rule protects until a time. */
  readonly protected: readonly Protected[];
  /** What the account did in the last 30 minutes. */
  readonly past: PastReading;
  /** Every order that counts; those that may be taken first, in the order in which a steal takes them. */
  worstFirst(): OrderRow[];
  order(id: string): OrderRow | undefined;
  orders(filter: OrderFilter): OrderRow[];
  plan(id: string): PlanRow | undefined;
  plans(filter: PlanFilter): PlanRow[];
  /** By its thief. */
  steal(id: string): StealRow | undefined;
  steals(filter: StealFilter): StealRow[];
  /**
   * True once everything that had an event before is in the mirror; false if that takes longer, or Redis is
   * not reached.
   */
  caughtUp(limitMs: number): Promise<boolean>;
  /** Why events after this id may be missing; undefined if none are. @throws WorkstealError `unavailable` */
  whyNotResumable(id: string): Promise<ResetReason | undefined>;
  /** At most `count` events after this id. @throws WorkstealError `unavailable` */
  eventsAfter(id: string, count: number): Promise<LedgerEvent[]>;
  /** Four times a second, until the returned function is called. */
  onChange(listener: (changes: Changes) => void): () => void;
  /** Resolves when everything that was written before is in the mirror. @throws the signal's reason */
  settled(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
