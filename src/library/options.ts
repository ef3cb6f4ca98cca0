/** How a bot connects. */
import type { OpenBroker } from '../broker/adapter.ts';

/** One thing that the library says while it works. `facts` depend on it, such as `order` and `symbol`. */
export type LogEntry = {
  level: 'debug' | 'info' | 'warn' | 'error';
  sentence: string;
  facts: Readonly<Record<string, unknown>>;
};

/**
 * Every option but `broker` and `log` stands in place of a variable. The other settings (leases, time-outs,
 * the request budget, the rules) are read from variables alone, as each role of a fleet reads them
 * (docs/settings.md). Give a bot the same ones as the account's keeper.
 */
export type ConnectOptions = {
  /** The Redis of the ledger: `redis://`, `rediss://`, Sentinels or a Cluster. Default: REDIS_URL. */
  redis?: string;
  /** 1 to 64 of A-Z, a-z, 0-9, _ and -. Default: WORKSTEAL_ACCOUNT, or `main`. */
  account?: string;
  /**
   * The bot's name, which holds its orders: 1 to 64 of A-Z, a-z, 0-9, _ and -. Keep it across restarts; two
   * processes must not share it. Default: WORKSTEAL_HOST, or host and process id.
   */
  bot?: string;
  /** The broker, to enter and place orders: `alpaca()`, or your own. Its requests count in the budget. */
  broker?: OpenBroker;
  /** What the library says is passed on here, without secrets. Default: it says nothing. */
  log?: (entry: LogEntry) => void;
  /** The variables that are read. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
};
