/** What a reconciliation works with, and what one round of it returns. */
import type { Logger } from 'pino';
import type { Broker, Oddity } from '../broker/port.ts';
import type { Trust } from '../ledger/commands/sync.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Settings } from '../rules/settings.ts';

export type ReconcilerParts = {
  ledger: Ledger;
  /** Where other names may claim the account (src/ledger/claims.ts); left out where none can. */
  redisUrl?: string;
  broker: Broker;
  rules: Settings;
  inFlightMs: number;
  syncMs: number;
  syncMaxAgeMs: number;
  /** Ids and symbols of what can't be counted and is to be passed over in silence; default: none. */
  ignored?: readonly string[];
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  step: (name: string) => void;
  monotonicMs: () => number;
  /** How far the broker is trusted at first sight. */
  trust: Trust;
  /** The book was lost: what must hold before it opens is done here. */
  onLost: () => Promise<void>;
};

/** What a round did. `again`: something was seen once that is acted on when it is seen twice. */
export type Round = {
  rebuilt: boolean;
  adopted: number;
  applied: number;
  settled: number;
  corrected: string[];
  doubted: string[];
  /** What is there that does not count, or not surely in full. */
  oddities: Oddity[];
  again: boolean;
};

/**
 * Trade updates, held back while a lost ledger is rebuilt: what they tell is in the lists, or is applied
 * afterwards.
 */
export type Gate = { pause(): Promise<void>; resume(): void };
