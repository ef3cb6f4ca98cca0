/** Connects a bot to an account: the same parts that each role of a fleet opens. */
import type { Logger } from 'pino';
import type { OpenBroker } from '../broker/adapter.ts';
import { CancelQueue } from '../cancels/queue.ts';
import { type Coordinator, startCoordinator } from '../coordinator/coordinator.ts';
import { enterConfirmed } from '../coordinator/enter-exit.ts';
import { EventFeed } from '../coordinator/event-feed.ts';
import { Heartbeat } from '../coordinator/heartbeat.ts';
import { HeldAtBroker } from '../coordinator/held-at-broker.ts';
import { type FleetSettings, readFleetSettings } from '../fleet/fleet-settings.ts';
import { firstLook } from '../fleet/identity.ts';
import { openBroker } from '../fleet/open-broker.ts';
import { processSettings } from '../fleet/settings-file.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { redlockMutex } from '../mutex/redlock-mutex.ts';
import { connect as connectRedis } from '../redis/connect.ts';
import { poolRule } from '../rules/pools.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import type { Account, TradingAccount } from './account.ts';
import { botLog } from './bot-log.ts';
import { LedgerAccount, TradingLedgerAccount } from './ledger-account.ts';
import type { ConnectOptions } from './options.ts';

const ROLE = 'bot';
/** As in src/fleet/fleet.ts: a dead connection is closed well within a lease. */
const LIMITER_SILENCE_MS = 2_000;

/**
 * Connects to an account, with a broker to enter and place orders. A keeper and a cancel worker must run for
 * the account somewhere (`worksteal keep`, `worksteal work`).
 * @throws WorkstealError `settings` that lists every fault; `unavailable` where Redis does not answer;
 *   `keys`, `account` where the broker refuses the keys, or they belong to another account than the ledger
 */
export function connect(options: ConnectOptions & { broker: OpenBroker }): Promise<TradingAccount>;
/** Connects to an account without a broker: everything but `enter` and `place`. @throws as above */
export function connect(options?: ConnectOptions): Promise<Account>;
export async function connect(options: ConnectOptions = {}): Promise<Account | TradingAccount> {
  const env = variablesOf(options);
  const settings = readFleetSettings(env);
  const rules = processSettings(env);
  const log = botLog(settings, env, options.log);
  for (const warning of rules.warnings) log.warn(warning);
  const closing: (() => unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const ledger = await openLedger(settings.redisUrl, settings.account);
    closing.push(() => ledger.close());
    const queue = new CancelQueue(settings.redisUrl, settings.account);
    closing.push(() => queue.close());
    beat({ ledger, settings, rules: rules.settings, log, closing });
    const parts = { ledger, settings, rules: rules.settings, queue, log, closeAll };
    if (options.broker === undefined) return new LedgerAccount(parts);
    const coordinator = await trade(options.broker, { ...parts, closing });
    return new TradingLedgerAccount(parts, coordinator);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function variablesOf({ env = process.env, redis, account, bot }: ConnectOptions): NodeJS.ProcessEnv {
  const given = { REDIS_URL: redis, WORKSTEAL_ACCOUNT: account, WORKSTEAL_HOST: bot };
  return { ...env, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

type Opened = {
  ledger: Ledger;
  settings: FleetSettings;
  rules: Settings;
  log: Logger;
  closing: (() => unknown)[];
};

/** `worksteal status` shows the bot among the hosts, and warns where its settings differ. */
function beat({ ledger, settings, rules, log, closing }: Opened): void {
  const leaving = new AbortController();
  const { host } = settings;
  const heartbeat = new Heartbeat({ ledger, host, role: ROLE, fingerprint: fingerprint(rules), log });
  const beating = heartbeat.run(leaving.signal);
  closing.push(() => {
    leaving.abort();
    return beating;
  });
}

async function trade(
  open: OpenBroker,
  { ledger, settings, rules, queue, log, closing }: Opened & { queue: CancelQueue },
): Promise<Pick<Coordinator, 'enter' | 'place'>> {
  const { redisUrl, account, leaseMs, requestTimeoutMs } = settings;
  const redis = connectRedis(redisUrl, account, {
    maxRetriesPerRequest: 1,
    lazyConnect: true,
    socketTimeout: LIMITER_SILENCE_MS,
  });
  redis.on('error', () => {});
  closing.push(() => redis.disconnect());
  const broker = openBroker({ ...settings, broker: { ...settings.broker, open } }, redis, log, () => {});
  await firstLook({ ledger, redisUrl, broker, role: ROLE, log });
  const events = new EventFeed(redisUrl, account, log);
  closing.push(() => events.close());
  const coordinator = startCoordinator({
    ledger,
    broker,
    mutex: redlockMutex([ledger.redis]),
    events,
    enqueue: (steal, victims) => queue.enqueue(steal, victims),
    leaseMs,
    requestTimeoutMs,
    log,
    fingerprint: fingerprint(rules),
    poolRule: poolRule(rules),
  });
  closing.push(() => coordinator.close());
  const held = new HeldAtBroker(ledger, broker);
  return {
    enter: (wish, signal) => enterConfirmed(coordinator, held, wish, signal),
    place: (wish, signal) => coordinator.place(wish, signal),
  };
}
