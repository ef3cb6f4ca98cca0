/** `worksteal alert`: tells by a webhook what is not well. It needs no keys of the broker. */
import { Alerter } from '../src/alerts/alerter.ts';
import { Lead } from '../src/alerts/lead.ts';
import { Webhook } from '../src/alerts/webhook.ts';
import { WorkstealError } from '../src/domain/errors.ts';
import type { AlertSettings } from '../src/fleet/alert-settings.ts';
import { type FleetSettings, readFleetSettings } from '../src/fleet/fleet-settings.ts';
import { RedisProbe } from '../src/fleet/redis-probe.ts';
import { onStop } from '../src/fleet/stop-signals.ts';
import { unknownFleetVariables } from '../src/fleet/unknown-variables.ts';
import { judgeAccount } from '../src/inspection/check/account.ts';
import { DEFAULT_LIMITS, type Limits } from '../src/inspection/check/diagnose.ts';
import { key } from '../src/ledger/keys.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { openLog } from '../src/ops/log.ts';
import { type Metrics, openMetrics } from '../src/ops/metrics/metrics.ts';
import { serveProcess } from '../src/ops/process-server.ts';
import { Readiness } from '../src/ops/readiness.ts';
import { secretsOf } from '../src/ops/secrets.ts';
import { watchOutage } from '../src/redis/outage.ts';
import type { Env } from '../src/rules/settings.ts';

/** How long a receiver may take to answer. */
const SEND_TIMEOUT_MS = 5_000;
/** A message may take SEND_TIMEOUT_MS; the lock must outlast it. */
const LEAD_LEAST_MS = 3 * SEND_TIMEOUT_MS;
const SHOWN_EVERY_MS = 1_000;

/** Runs until SIGTERM or SIGINT. @throws WorkstealError `settings`, `unavailable` */
export async function runAlert(env: Env = process.env): Promise<void> {
  const settings = readFleetSettings(env);
  const { redisUrl, account, host, alert, logLevel: level, metricsPort: port, metricsHost } = settings;
  const webhook = new Webhook({ ...webhookSettings(alert), timeoutMs: SEND_TIMEOUT_MS }, { account, host });
  const identity = { role: 'alert', host, account };
  const secrets = secretsOf(env);
  const log = openLog({ ...identity, level, secrets, pretty: process.stderr.isTTY === true });
  for (const warning of unknownFleetVariables(env)) log.warn(warning);
  const metrics = openMetrics(identity);
  const readiness = new Readiness();
  const ledger = await openLedger(redisUrl, account);
  const outage = watchOutage(ledger.redis, redisUrl, log);
  const { everyMs, lastMs, ignored } = alert;
  const limits = limitsOf(alert);
  const alerter = new Alerter({
    ...{ ledger, webhook, ignored, everyMs, lastMs, log },
    judge: () => judgeAccount(ledger, limits),
    lead: new Lead(
      redlockMutex([ledger.redis]),
      key(ledger.account, 'alerter'),
      Math.max(LEAD_LEAST_MS, 3 * everyMs),
    ),
    onMessage: (outcome) => metrics.alert.ended(outcome),
  });
  const probe = new RedisProbe(ledger);
  readiness.add('redis', () => probe.verdict());
  readiness.add('webhook', () => {
    const { fault } = alerter.state;
    return { well: fault === undefined, words: fault ?? 'the last message was delivered' };
  });
  const stopping = new AbortController();
  const unlisten = onStop(() => {
    readiness.stopping();
    stopping.abort();
  });
  const parts = { identity, metrics, readiness };
  const server = port === undefined ? undefined : await serveProcess(parts, { port, host: metricsHost });
  const shown = follow(metrics, alerter);
  try {
    if (server !== undefined) {
      metrics.watchProcess();
      log.info({ url: server.url }, `metrics: served at ${server.url}`);
      void probe.run(stopping.signal);
    }
    readiness.started();
    log.info('alert: judging the account');
    await alerter.run(stopping.signal);
  } finally {
    clearInterval(shown);
    unlisten();
    await server?.close();
    outage.end();
    await ledger.close();
  }
}

/**
 * Sends one test message. It says how the account is, where REDIS_URL is set: a wrong address or name of an
 * account shows at once.
 * @throws WorkstealError `settings`; `unavailable` if it is not delivered, or Redis does not answer
 */
export async function sendTest(env: Env = process.env): Promise<void> {
  const settings = readFleetSettings({ REDIS_URL: 'redis://127.0.0.1', ...env });
  const { account, host, alert } = settings;
  const webhook = new Webhook({ ...webhookSettings(alert), timeoutMs: SEND_TIMEOUT_MS }, { account, host });
  const now = env['REDIS_URL'] ? `; ${await stateOf(settings)}` : '';
  const words = `a test: messages of this account arrive here${now}`;
  const sinceMs = Date.now();
  const condition = { key: 'test', check: 'test', cause: '', words, next: '' };
  const incident = { ...condition, sinceMs, endedMs: null, isTold: false };
  const fault = await webhook.send({ id: `test-${sinceMs}`, state: 'firing', incident });
  if (fault === undefined) return;
  const next = 'correct WORKSTEAL_ALERT_URL, or see the receiver';
  throw new WorkstealError('unavailable', `the message was not delivered: ${fault}`, {}, undefined, next);
}

/** @throws WorkstealError `unavailable` */
async function stateOf({ redisUrl, account, alert }: FleetSettings): Promise<string> {
  const ledger = await openLedger(redisUrl, account);
  try {
    const ill = (await judgeAccount(ledger, limitsOf(alert))).filter(({ well }) => well === false);
    return ill.length === 0 ? 'it is well' : `not well: ${ill.map(({ check }) => check).join(', ')}`;
  } finally {
    await ledger.close();
  }
}

function limitsOf({ outboxMs, stealFailures, stealsFailed }: AlertSettings): Limits {
  return { ...DEFAULT_LIMITS, outboxMs, stealFailures, stealsFailed };
}

/** @throws WorkstealError `settings` without an address, or without a secret that the shape needs */
function webhookSettings({ url, shape, secret }: AlertSettings) {
  if (url === undefined)
    throw new WorkstealError(
      'settings',
      'WORKSTEAL_ALERT_URL: is missing; it says where messages are posted',
    );
  if (shape === 'json' && secret === undefined)
    throw new WorkstealError(
      'settings',
      'WORKSTEAL_ALERT_SECRET: is missing; the receiver checks the signature with it',
      {},
      undefined,
      'make one with `openssl rand -hex 32`, and give it to the receiver, too',
    );
  return { url, shape, secret };
}

function follow(metrics: Metrics, alerter: Alerter): NodeJS.Timeout {
  return setInterval(() => metrics.alert.show(alerter.state), SHOWN_EVERY_MS).unref();
}
