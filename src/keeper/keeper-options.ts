/** What a keeper is started with. */
import type { Logger } from 'pino';
import type { Broker } from '../broker/port.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Mutex } from '../mutex/mutex.ts';
import type { Settings } from '../rules/settings.ts';
import type { KeeperReport } from './keeper-report.ts';

export type KeeperOptions = {
  ledger: Ledger;
  /** For the ledger's events, which need a connection of their own. */
  redisUrl: string;
  broker: Broker;
  mutex: Mutex;
  rules: Settings;
  leaseMs: number;
  /** How long a submission may still be on its way to the broker: its lease, and a request's timeout. */
  inFlightMs: number;
  syncMs: number;
  /** An account that was not reconciled for this long admits nothing (I8). */
  syncMaxAgeMs: number;
  /** Ids and symbols that are not reported if they can't be counted (WORKSTEAL_IGNORE); default: none. */
  ignored?: readonly string[];
  log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** A lower position counts once two reports this far apart agree: the broker's lag. Default 5 s. */
  lagMs?: number;
  /** An equity that rises by more than this share waits for a person; a decimal, '0': never. Default 0.5. */
  equityJump?: string;
  /** Enqueues the recorded cancellations again (I9). */
  recoverOutbox: (signal: AbortSignal) => Promise<unknown>;
  /** Why the keeper stands down; '' once it keeps the account again. */
  onTrouble?: (words: string) => void;
  /** Called after each round. */
  report?: (report: KeeperReport) => void;
  /** For fault tests: called after a step. */
  step?: (name: string) => void;
  monotonicMs?: () => number;
};
