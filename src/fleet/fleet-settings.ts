/**
 * The settings of a process besides the rules: Redis, broker, account, leases and intervals.
 */
import type { BrokerSettings } from '../broker/adapter.ts';
import { WorkstealError } from '../domain/errors.ts';
import { EXAMPLES } from '../redis/address.ts';
import { issueWords } from '../rules/issue-words.ts';
import { type AlertSettings, alertSettings } from './alert-settings.ts';
import { BROKER_NAMES } from './broker-variables.ts';
import { BROKERS } from './brokers.ts';
import { FLEET_SCHEMA } from './fleet-schema.ts';

/** Of `worksteal serve`. `tokens`, `accounts`: paths of files; `origins`: besides its own address. */
export type ApiSettings = {
  port: number;
  host: string;
  tokens: string | undefined;
  origins: readonly string[];
  accounts: string | undefined;
};

/**
 * Of `worksteal gateway`. `waitMs`: for the room of an order; `collar`: a share, a decimal; `lists`,
 * `updates`: what a bot sees in them; `requestsPerMinute`, `streams`: the most that one bot may have.
 */
export type GatewayProcessSettings = {
  port: number;
  host: string;
  waitMs: number;
  collar: string;
  lists: 'all' | 'own';
  updates: 'all' | 'own';
  requestsPerMinute: number;
  streams: number;
};

export type FleetSettings = {
  redisUrl: string;
  account: string;
  host: string;
  broker: BrokerSettings;
  requestsPerMinute: number;
  dataRequestsPerMinute: number;
  requestTimeoutMs: number;
  leaseMs: number;
  planLeaseMs: number;
  syncMs: number;
  /** An account whose last reconciliation is older than this admits nothing (I8). */
  syncMaxAgeMs: number;
  /** Items that cannot be counted, and that the keeper does not report. */
  ignored: readonly string[];
  lagMs: number;
  /**
   * How long after a loss of the ledger requests may still be in flight, or the broker's positions may lag
   * behind its orders.
   */
  inFlightMs: number;
  /** A decimal; '0': no limit. */
  equityJump: string;
  quotesMs: number;
  /** A share of the midpoint of bid and ask. */
  maxSpread: number;
  maxPlans: number;
  /** What a plan does after a person cancelled its order at the broker. */
  byHand: { entry: 'withdraw' | 'pause'; pauseMs: number };
  /** Whether the rest of a partly filled entry is cancelled or stays. */
  partialEntry: 'cancel' | 'rest';
  logLevel: string;
  /** Undefined: no metrics are served. */
  metricsPort: number | undefined;
  metricsHost: string;
  api: ApiSettings;
  gateway: GatewayProcessSettings;
  alert: AlertSettings;
  ledgerSpeed: number | undefined;
  dieAfter: string | undefined;
  hangAfter: string | undefined;
};

/** `10s`, `500ms` -> ms. */
function msOf(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : 1_000);
}

function faultOf(variable: string, message: string): string {
  const example =
    variable === 'REDIS_URL' && message === 'is missing' ? `; set it, such as ${EXAMPLES.server}` : '';
  return `${variable}: ${message}${example}`;
}

/**
 * @param needsKeys the process talks to the broker, so keys are required
 * @throws WorkstealError `settings` that lists every fault.
 */
export function readFleetSettings(
  env: Readonly<Record<string, string | undefined>>,
  needsKeys = false,
): FleetSettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = FLEET_SCHEMA.safeParse(given, { error: issueWords });
  const name = BROKER_NAMES.find((one) => one === given['WORKSTEAL_BROKER']) ?? 'alpaca';
  const broker = BROKERS[name].read(given, needsKeys);
  if (!parsed.success || 'faults' in broker) {
    const faults = [
      ...('faults' in broker ? broker.faults : []),
      ...(parsed.error?.issues ?? []).map(({ path, message }) => faultOf(path.join('.'), message)),
    ].map((fault) => `  ${fault}`);
    throw new WorkstealError('settings', `invalid settings:\n${faults.join('\n')}`);
  }
  const s = parsed.data;
  if (
    s.WORKSTEAL_LEDGER_SPEED !== undefined &&
    s.WORKSTEAL_LEDGER_SPEED !== 1 &&
    broker.settings.keepsRealTime
  ) {
    throw new WorkstealError(
      'settings',
      `WORKSTEAL_LEDGER_SPEED: ${broker.settings.address} keeps real time; leave it out`,
    );
  }
  return Object.freeze({
    redisUrl: s.REDIS_URL,
    account: s.WORKSTEAL_ACCOUNT,
    host: s.WORKSTEAL_HOST,
    broker: broker.settings,
    requestsPerMinute: s.WORKSTEAL_REQUESTS_PER_MINUTE,
    dataRequestsPerMinute: s.WORKSTEAL_DATA_REQUESTS_PER_MINUTE,
    requestTimeoutMs: s.WORKSTEAL_REQUEST_TIMEOUT_MS,
    leaseMs: s.WORKSTEAL_LEASE_MS,
    planLeaseMs: s.WORKSTEAL_PLAN_LEASE_MS,
    syncMs: s.WORKSTEAL_SYNC_MS,
    syncMaxAgeMs: Math.max(4 * s.WORKSTEAL_SYNC_MS, 10_000),
    ignored: s.WORKSTEAL_IGNORE,
    lagMs: s.WORKSTEAL_BROKER_LAG_MS,
    inFlightMs: s.WORKSTEAL_LEASE_MS + s.WORKSTEAL_REQUEST_TIMEOUT_MS,
    equityJump: s.WORKSTEAL_EQUITY_JUMP,
    quotesMs: s.WORKSTEAL_QUOTES_MS,
    maxSpread: s.WORKSTEAL_QUOTE_MAX_SPREAD,
    maxPlans: s.WORKSTEAL_MAX_PLANS,
    byHand: { entry: s.WORKSTEAL_CANCELLED_BY_HAND, pauseMs: s.WORKSTEAL_BY_HAND_PAUSE_MS },
    partialEntry: s.WORKSTEAL_PARTIAL_ENTRY,
    logLevel: s.WORKSTEAL_LOG_LEVEL,
    metricsPort: s.WORKSTEAL_METRICS_PORT,
    metricsHost: s.WORKSTEAL_METRICS_HOST,
    api: {
      port: s.WORKSTEAL_API_PORT,
      host: s.WORKSTEAL_API_HOST,
      tokens: s.WORKSTEAL_API_TOKENS,
      origins: s.WORKSTEAL_API_ORIGINS,
      accounts: s.WORKSTEAL_API_ACCOUNTS,
    },
    gateway: {
      port: s.WORKSTEAL_GATEWAY_PORT,
      host: s.WORKSTEAL_GATEWAY_HOST,
      waitMs: msOf(s.WORKSTEAL_GATEWAY_WAIT),
      collar: s.WORKSTEAL_GATEWAY_COLLAR,
      lists: s.WORKSTEAL_GATEWAY_LISTS,
      updates: s.WORKSTEAL_GATEWAY_UPDATES,
      requestsPerMinute: s.WORKSTEAL_GATEWAY_REQUESTS,
      streams: s.WORKSTEAL_GATEWAY_STREAMS,
    },
    alert: alertSettings(s),
    ledgerSpeed: s.WORKSTEAL_LEDGER_SPEED,
    dieAfter: s.WORKSTEAL_DIE_AFTER,
    hangAfter: s.WORKSTEAL_HANG_AFTER,
  });
}
