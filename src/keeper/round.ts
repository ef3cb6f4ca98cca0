/** What a reconciliation works with, and what one round of it returns. */
import type { Logger } from 'pino';
import type { Broker, Oddity } from '../broker/port.ts';
import type { Trust } from '../ledger/commands/sync.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Settings } from '../rules/settings.ts';

export type ReconcilerParts = {
  ledger: Ledger;
  /** The Redis where other names may claim the account (src/ledger/claims.ts); left out when none can. */
  redisUrl?: string;
  broker: Broker;
  rules: Settings;
  inFlightMs: number;
  syncMs: number;
  syncMaxAgeMs: number;
  /** Ids and symbols that are not reported if they can't be counted; default: none. */
  ignored?: readonly string[];
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  step: (name: string) => void;
  monotonicMs: () => number;
  /** How far the broker's first report is trusted. */
  trust: Trust;
  /** The ledger was lost: called before it is rebuilt. */
  onLost: () => Promise<void>;
};

/** What a round did. `again`: a report must be seen a second time before it is believed. */
export type Round = {
  rebuilt: boolean;
  adopted: number;
  applied: number;
  settled: number;
  corrected: string[];
  doubted: string[];
  /** By how much the positions of ledger and broker differed before (broker-count.ts); 0: it was rebuilt. */
  driftMicros: number;
  /** What the broker's own answers add up to (broker-count.ts). */
  brokerMicros: number;
  /** Items at the broker that do not count, or not certainly in full. */
  oddities: Oddity[];
  again: boolean;
};

/**
 * Holds trade updates back while a lost ledger is rebuilt: the lists contain them, or they are applied
 * afterwards.
 */
export type Gate = { pause(): Promise<void>; resume(): void };
