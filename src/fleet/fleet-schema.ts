/** The variables that a process reads besides the rules and its broker's (fleet-settings.ts). */
import { hostname } from 'node:os';
import { z } from 'zod';
import { redisUrl } from '../redis/address.ts';
import { ALERT_SHAPE } from './alert-settings.ts';
import { BROKER_NAMES } from './broker-variables.ts';
import { digits, whole } from './numbers.ts';

const path = z.string().min(1).max(4_096).optional();
const ORIGIN = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/;

const step = z
  .string()
  .regex(/^[a-z_]+(:\d+)?$/)
  .optional();

/** Every variable that a process reads besides its broker's, in the order of docs/settings.md. */
export const FLEET_SCHEMA = z.object({
  REDIS_URL: redisUrl,
  WORKSTEAL_ACCOUNT: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('main'),
  /** Names the host's leases; two processes must not share it. */
  WORKSTEAL_HOST: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default(
      `${hostname()
        .replaceAll(/[^A-Za-z0-9_-]/g, '-')
        .slice(0, 40)}-${process.pid}`,
    ),
  /** The broker's adapter (src/fleet/brokers.ts), which reads further variables. */
  WORKSTEAL_BROKER: z.enum(BROKER_NAMES).default('alpaca'),
  /** The account's request budget at the broker, shared by all hosts. */
  WORKSTEAL_REQUESTS_PER_MINUTE: whole(200, 1, 100_000),
  /** The budget for market data; 0: no limit, for a local paper exchange. */
  WORKSTEAL_DATA_REQUESTS_PER_MINUTE: whole(200, 0, 100_000),
  WORKSTEAL_REQUEST_TIMEOUT_MS: whole(10_000, 100, 60_000),
  /** How long a reservation, a pending thief or a submission is valid without renewal. */
  WORKSTEAL_LEASE_MS: whole(10_000, 500, 600_000),
  WORKSTEAL_PLAN_LEASE_MS: whole(10_000, 500, 600_000),
  WORKSTEAL_SYNC_MS: whole(15_000, 200, 600_000),
  /** Comma-separated ids and symbols of items at the broker that cannot be counted and need no report. */
  WORKSTEAL_IGNORE: z
    .string()
    .max(10_000)
    .transform((text) => text.split(',').map((item) => item.trim()))
    .pipe(z.array(z.string().regex(/^[!-~]{1,128}$/, 'is not a list of ids and symbols')).max(200))
    .default([]),
  /**
   * How far the broker's positions may lag behind its orders. A lower position counts once two reports, at
   * least this far apart, agree; a lost ledger opens this long after the first report.
   */
  WORKSTEAL_BROKER_LAG_MS: whole(5_000, 0, 600_000),
  /** An equity that rises by more than this share waits for a person's approval; 0: no limit. */
  WORKSTEAL_EQUITY_JUMP: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,9})?$/, 'is not a share such as 0.5')
    .default('0.5'),
  WORKSTEAL_QUOTES_MS: whole(1_000, 10, 60_000),
  /** A quote with a wider spread than this share of its midpoint is ignored. */
  WORKSTEAL_QUOTE_MAX_SPREAD: z
    .string()
    .regex(/^\d(\.\d{1,9})?$/, 'is not a share such as 0.05')
    .transform(Number)
    .pipe(z.number().gt(0).max(2))
    .default(0.05),
  WORKSTEAL_MAX_PLANS: whole(500, 1, 5_000),
  /**
   * When a person cancels a plan's entry at the broker, the plan ends (`withdraw`) or makes no entry for a
   * while (`pause`).
   */
  WORKSTEAL_CANCELLED_BY_HAND: z.enum(['withdraw', 'pause']).default('withdraw'),
  /** The length of that pause, ms of ledger time. Exits that were cancelled by hand always pause. */
  WORKSTEAL_BY_HAND_PAUSE_MS: whole(3_600_000, 1_000, 604_800_000),
  /**
   * The unfilled rest of a partly filled entry whose plan has an exit: cancel it at once, or let it rest
   * until the exit is due.
   */
  WORKSTEAL_PARTIAL_ENTRY: z.enum(['cancel', 'rest']).default('cancel'),
  WORKSTEAL_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** The port for metrics; 0: any free port, named in the log. Default: no metrics. */
  WORKSTEAL_METRICS_PORT: digits(0, 65_535).optional(),
  WORKSTEAL_METRICS_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,255}$/)
    .default('127.0.0.1'),
  /** `worksteal serve`: its port; 0: any free port, named in its output. */
  WORKSTEAL_API_PORT: whole(4_180, 0, 65_535),
  WORKSTEAL_API_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,255}$/)
    .default('127.0.0.1'),
  /** The file of API tokens (src/http/token-file.ts). */
  WORKSTEAL_API_TOKENS: path,
  /** Comma-separated origins under which the API is called besides its own address. */
  WORKSTEAL_API_ORIGINS: z
    .string()
    .max(10_000)
    .transform((text) => text.split(',').map((item) => item.trim()))
    .pipe(z.array(z.string().regex(ORIGIN, 'is not a list of origins such as https://host:443')).max(100))
    .default([]),
  /** A file that names several accounts for one API server (served-accounts.ts). */
  WORKSTEAL_API_ACCOUNTS: path,
  /** `worksteal gateway`: its port; 0: any free port, named in its output. */
  WORKSTEAL_GATEWAY_PORT: whole(4_181, 0, 65_535),
  WORKSTEAL_GATEWAY_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,255}$/)
    .default('127.0.0.1'),
  /** The longest that a bot's order waits for its room. */
  WORKSTEAL_GATEWAY_WAIT: z
    .string()
    .regex(/^([1-9]\d{0,2}s|[1-9]\d{0,5}ms)$/, 'is not a time such as 10s or 500ms')
    .default('10s'),
  /** By which share of the quote a bot's market order may be worse. */
  WORKSTEAL_GATEWAY_COLLAR: z
    .string()
    .regex(/^0(\.\d{1,9})?$/, 'is not a share below 1 such as 0.005')
    .default('0.005'),
  /** Whether a bot's lists show all orders of the account, or its own. */
  WORKSTEAL_GATEWAY_LISTS: z.enum(['all', 'own']).default('all'),
  /** The same for trade_updates. */
  WORKSTEAL_GATEWAY_UPDATES: z.enum(['all', 'own']).default('own'),
  /** How many requests a minute, and how many open streams, one bot may have at one gateway. */
  WORKSTEAL_GATEWAY_REQUESTS: whole(6_000, 1, 1_000_000),
  WORKSTEAL_GATEWAY_STREAMS: whole(10, 1, 1_000),
  ...ALERT_SHAPE,
  /**
   * ms of ledger time per real ms, for a paper exchange that runs faster than real time. The keeper sets it
   * for a new account.
   */
  WORKSTEAL_LEDGER_SPEED: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/, 'is not a decimal')
    .transform(Number)
    .pipe(z.number().min(0.001).max(100_000))
    .optional(),
  /**
   * Fault tests only, `step` or `step:nth`: after this step the process kills itself, or stops until SIGCONT.
   */
  WORKSTEAL_DIE_AFTER: step,
  WORKSTEAL_HANG_AFTER: step,
});
