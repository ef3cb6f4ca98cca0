/**
 * Opens what every role needs: settings, log, ledger, broker, metrics, heartbeat. Signals when to stop:
 * on SIGTERM, on SIGINT, or when the parent process is gone.
 */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { SharedLimiter } from '../broker/limiter.ts';
import type { Broker } from '../broker/port.ts';
import { Heartbeat, type HeartbeatOptions } from '../coordinator/heartbeat.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { openLog } from '../ops/log.ts';
import { type Metrics, openMetrics } from '../ops/metrics/metrics.ts';
import { serveProcess } from '../ops/process-server.ts';
import { Readiness } from '../ops/readiness.ts';
import { secretsOf } from '../ops/secrets.ts';
import { endpointsOf } from '../redis/address.ts';
import { adviceOn, requireNoEviction } from '../redis/advice.ts';
import { connect } from '../redis/connect.ts';
import { type Outage, watchOutage } from '../redis/outage.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import { openTracing } from '../tracing/open.ts';
import { NO_TRACING } from '../tracing/tracing.ts';
import { BrokerAnswers } from './broker-answers.ts';
import { type FleetSettings, readFleetSettings } from './fleet-settings.ts';
import { firstLook } from './identity.ts';
import { KeyGuard } from './key-guard.ts';
import { openBroker } from './open-broker.ts';
import { RedisProbe } from './redis-probe.ts';
import { processSettings } from './settings-file.ts';
import { onStop } from './stop-signals.ts';
import { faults } from './strikes.ts';
import { unknownFleetVariables } from './unknown-variables.ts';

export type Fleet = {
  settings: FleetSettings;
  rules: Settings;
  log: Logger;
  ledger: Ledger;
  broker: Broker;
  /**
   * May the broker be asked again about an order that takes long to end? Takes from a small budget that all
   * hosts of the account share.
   */
  mayAskWhileWaiting: () => Promise<boolean>;
  /**
   * Runs a role's work while the broker accepts the keys and they belong to the right account. Otherwise the
   * role stands aside, and `status` says why (KeyGuard).
   */
  whileWell(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Why this process stands aside; '' when it resumes. */
  onTrouble: (words: string) => void;
  /** Aborts on SIGTERM and SIGINT, and when `worksteal up` is gone: no new entries, hand back, end. */
  signal: AbortSignal;
  /**
   * Called at each step; kills or stops the process at the step that WORKSTEAL_DIE_AFTER or
   * WORKSTEAL_HANG_AFTER names.
   */
  step: (name: string) => void;
  /** What `/readyz` answers; a role adds checks of its own. */
  readiness: Readiness;
  /** What is counted and measured besides the reports. */
  metrics: Metrics;
  /** Are the metrics served? Without, what costs something need not be counted. */
  servesMetrics: boolean;
  /** Publishes counters and latencies: as metrics, and to the parent process (`worksteal up`). */
  report: (message: Readonly<Record<string, unknown>>) => void;
  close(): Promise<void>;
};

/**
 * Every request to the broker first waits for the limiter. A dead connection (see ledger.ts) must be closed
 * well within the lease of an order that waits to be sent.
 */
const LIMITER_SILENCE_MS = 2_000;

/**
 * @param needsBroker the role talks to the broker: keys are required, and the broker must accept them
 * @param onDiffer takes the place of the log where the account's settings differ (Heartbeat)
 * @throws WorkstealError `settings`, `unavailable`, `keys`, `account`
 */
export async function openFleet(
  role: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  needsBroker = true,
  onDiffer?: HeartbeatOptions['onDiffer'],
): Promise<Fleet> {
  const settings = readFleetSettings(env, needsBroker);
  const { settings: rules, warnings } = processSettings(env);
  const { logLevel: level, host, account } = settings;
  const secrets = secretsOf(env);
  let outage: Outage | undefined;
  let tracing = NO_TRACING;
  const log = openLog({
    level,
    role,
    host,
    account,
    secrets,
    pretty: process.stderr.isTTY === true,
    isAway: () => outage?.isAway() === true,
    traceId: () => tracing.traceparent.slice(3, 35),
  });
  for (const warning of [...unknownFleetVariables(env), ...warnings]) log.warn(warning);
  // Connects only after all settings have been validated.
  const redis = connect(settings.redisUrl, account, {
    maxRetriesPerRequest: 1,
    lazyConnect: true,
    socketTimeout: LIMITER_SILENCE_MS,
  });
  redis.on('error', () => {});
  let suspect = (): void => {};
  const named = { role, host, account };
  const metrics = openMetrics(named);
  const answers = new BrokerAnswers((...ended) => metrics.broker.ended(...ended));
  const broker = answers.watch(openBroker(settings, redis, log, () => suspect()));
  const readiness = new Readiness();
  const { metricsPort: port, metricsHost } = settings;
  const parts = { identity: named, metrics, readiness };
  const server = port === undefined ? undefined : await serveProcess(parts, { port, host: metricsHost });
  if (server !== undefined) metrics.watchProcess();
  const onCommand = (command: string, ms: number): void => metrics.ledger.took(command, ms);
  tracing = await openTracing({ env, role, host, secrets, log });
  const options = { onCommand, tracing, loadsFunctions: role === 'keep' };
  const ledger = await openLedger(settings.redisUrl, account, options).catch(async (error: unknown) => {
    await server?.close();
    throw error;
  });
  outage = watchOutage(ledger.redis, settings.redisUrl, log);
  const identity = { ledger, redisUrl: settings.redisUrl, broker };
  let number = '';
  try {
    for (const advice of await adviceFor(ledger, settings.redisUrl)) log.warn(advice);
    if (needsBroker) number = await firstLook({ ...identity, role, log });
  } catch (error) {
    redis.disconnect();
    await server?.close();
    outage.end();
    await ledger.close();
    throw error;
  }
  if (server !== undefined) log.info({ url: server.url }, `metrics: served at ${server.url}`);
  const stopping = new AbortController();
  const unlisten = onStop(() => {
    readiness.stopping();
    stopping.abort();
  });
  const leaving = new AbortController();
  let trouble = '';
  const heartbeat = new Heartbeat({
    ledger,
    host,
    role,
    fingerprint: fingerprint(rules),
    trouble: () => trouble,
    log,
    onDiffer,
  });
  // A working watcher publishes its own, richer heartbeat.
  const runHeartbeat = (signal: AbortSignal): void =>
    void (role === 'watch' && trouble === '' ? undefined : heartbeat.run(signal));
  runHeartbeat(leaving.signal);
  const probe = new RedisProbe(ledger);
  // The API answers /readyz itself.
  if (server !== undefined || role === 'serve') void probe.run(leaving.signal);
  readiness.add('redis', () => probe.verdict());
  if (needsBroker) {
    readiness.add('broker', () => answers.verdict());
    readiness.add('keys', () => ({ well: trouble === '', words: trouble || 'accepted' }));
  }
  readiness.started();
  let aside = new AbortController();
  const onTrouble = (words: string): void => {
    if (words === trouble) return;
    trouble = words;
    aside.abort();
    aside = new AbortController();
    if (role === 'watch') runHeartbeat(AbortSignal.any([leaving.signal, aside.signal]));
    else void heartbeat.beat().catch(() => {});
  };
  const guard = new KeyGuard({ ...identity, number, log, onTrouble });
  suspect = () => guard.suspect();
  return {
    settings,
    rules,
    log,
    ledger,
    broker,
    mayAskWhileWaiting: waitingBudget(settings, redis),
    whileWell: (work) => guard.run(work, stopping.signal),
    onTrouble,
    signal: stopping.signal,
    readiness,
    metrics,
    servesMetrics: server !== undefined,
    step: faults(settings),
    report: (message) => {
      if (server !== undefined) metrics.record(message);
      if (process.connected) process.send?.({ role, host, ...message });
    },
    async close() {
      unlisten();
      stopping.abort(); // a role that failed: what it began ends, too
      leaving.abort();
      redis.disconnect();
      await server?.close();
      outage?.end();
      await ledger.close();
      await tracing.close();
    },
  };
}

/**
 * Advice about the server's configuration; empty if the server does not answer.
 * @throws WorkstealError `settings` if the server evicts keys
 */
async function adviceFor({ redis }: Ledger, url: string): Promise<string[]> {
  const info = await redis.info().catch(() => '');
  if (info === '') return [];
  requireNoEviction(info, endpointsOf(url));
  return adviceOn(info, endpointsOf(url));
}

/** The share of the requests per minute for polling slow cancellations: 12 of 200. */
const WAITING_SHARE = 1 / 16;
/** If the limiter grants no point within this time, the request is skipped. */
const WAITING_PATIENCE_MS = 50;

function waitingBudget({ account, requestsPerMinute }: FleetSettings, redis: Redis): () => Promise<boolean> {
  const points = Math.max(1, Math.floor(requestsPerMinute * WAITING_SHARE));
  const limiter = new SharedLimiter({
    redis,
    account,
    requestsPerMinute: points,
    maxWaitMs: WAITING_PATIENCE_MS,
    name: 'waiting',
  });
  return () =>
    limiter.take({ priority: 'cancel' }).then(
      () => true,
      () => false,
    );
}
