/**
 * `worksteal up --alpaca`: a watcher, a worker, a keeper and the HTTP API on this machine, on the account of
 * the API keys. For paper trading only. It starts no exchange and files no plans: `worksteal plan` does, in
 * another terminal. At the end the processes stop, and what works at the broker goes on working there.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerSettings } from '../../broker/adapter.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { secretHider } from '../../domain/secrets.ts';
import { BROKERS } from '../../fleet/brokers.ts';
import { readFleetSettings } from '../../fleet/fleet-settings.ts';
import { openSettingsFile, processSettings } from '../../fleet/settings-file.ts';
import { key } from '../../ledger/keys.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { secretsOf } from '../../ops/secrets.ts';
import { type OpenRedis, openRedis } from '../../redis/open.ts';
import { describeSettings, type Env, type SettingRow } from '../../rules/settings.ts';
import { askAccount, judgeMarket, openForReading } from '../doctor/broker.ts';
import { startDoors } from './doors.ts';
import { exportedRules } from './exported-rules.ts';
import { type Console, untilReconciled, watchUntil } from './main-job.ts';
import type { UpOptions } from './options.ts';
import { type Processes, startProcesses } from './processes.ts';
import { stillAtBroker } from './still-at-broker.ts';
import { Tally } from './tally.ts';

const GRACE_MS = 8_000;

/**
 * Runs until `signal` aborts or the time is over.
 * @throws WorkstealError `settings` without keys or for live trading; `keys`, `unclear` if the broker refuses
 *   the keys or does not answer; `timeout`, `missing` if a role does not begin
 */
export async function runAlpacaJob(
  options: UpOptions,
  console: Console,
  signal: AbortSignal,
  now: () => number,
  env: Env = process.env,
): Promise<void> {
  processSettings(env); // throws before anything is started
  const inForce = describeSettings(env, openSettingsFile(env));
  const broker = readPaperBroker(env);
  const hide = secretHider(secretsOf(env));
  const say = (line: string): void => console.say(hide(line));
  say(judgeMarket(broker).words);
  const asked = await askAccount(openForReading(broker, readFleetSettings({ ...env, ...ANY_REDIS })));
  const { words, next, well } = asked.finding;
  if (asked.told === undefined)
    throw new WorkstealError(well === false ? 'keys' : 'unclear', words, {}, undefined, next);
  say(`keys: ${words}`);
  const redis = await openRedis({ env, log: { info: say, warn: say }, persistence: 'everysec' });
  const account = env['WORKSTEAL_ACCOUNT'] || 'main';
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-'));
  const logFile = join(folder, 'fleet.log');
  const tally = new Tally();
  const roles = {
    ...env,
    REDIS_URL: redis.url,
    WORKSTEAL_ACCOUNT: account,
    // The processes share a machine: each needs its own port, and a name of its own.
    WORKSTEAL_HOST: undefined,
    WORKSTEAL_API_ACCOUNTS: undefined,
    WORKSTEAL_METRICS_PORT: env['WORKSTEAL_METRICS_PORT'] ? '0' : undefined,
  };
  const processes = startProcesses(roles, logFile, (report) => tally.report(report));
  let ledger: Ledger | undefined;
  try {
    say(`redis: ${redis.url}   account: ${account}   logs: ${logFile}`);
    ledger = await openLedger(redis.url, account);
    const before = await ledger.redis.hget(key(account, 'account'), 'synced_at_ms');
    await startRoles(processes, options);
    // Not `say`, which hides secrets: its token is there to be copied.
    const doors = startDoors(processes, options.gateway, { folder, env: env, say: console.say });
    await Promise.all([doors, untilReconciled(ledger, say, signal, now, before)]);
    if (!signal.aborted) for (const line of howToPlan(redis, account, inForce)) say(line);
    await watchUntil(options, console, { signal, now, startedMs: now(), ledger, tally });
    say('stopping: no new entries');
    await Promise.all(['watch', 'serve', 'gateway'].map((name) => processes.stop(name, GRACE_MS)));
    for (const line of await stillAtBroker(ledger)) say(line);
    if (redis.owned) say('this Redis ends, too: plans and the history of steals are gone');
  } finally {
    await processes.stopAll(GRACE_MS);
    await ledger?.close();
    await redis.close();
  }
}

/** Stands in for an address, which is read on its own. */
const ANY_REDIS = { REDIS_URL: 'redis://127.0.0.1' };

/** Alpaca names its keys for live trading so. */
const LIVE_KEY = /^AK/;

function readPaperBroker(env: Env): BrokerSettings {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const read = BROKERS.alpaca.read(Object.fromEntries(given), true);
  if ('faults' in read) {
    const next = "make keys on Alpaca's page for paper trading, and set both variables";
    throw new WorkstealError('settings', `up --alpaca: ${read.faults.join('; ')}`, {}, undefined, next);
  }
  const { settings } = read;
  const isLive = settings.market === 'live';
  if (!isLive && !LIVE_KEY.test(env['APCA_API_KEY_ID'] ?? '')) return settings;
  const what = isLive
    ? `APCA_API_BASE_URL: ${settings.address} is for live trading, with real money`
    : 'APCA_API_KEY_ID: a key that begins with AK is for live trading, with real money';
  const next =
    'use keys for paper trading, and leave APCA_API_BASE_URL out; for live trading start watch, work and ' +
    'keep one by one';
  throw new WorkstealError('settings', `up --alpaca is for paper trading; ${what}`, {}, undefined, next);
}

async function startRoles(processes: Processes, options: UpOptions): Promise<void> {
  const counts = { keep: options.keepers, work: options.workers, watch: options.watchers };
  const starts = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, () => processes.start({ name, args: [name] })),
  );
  await Promise.all(starts);
}

/** For another terminal. An address in REDIS_URL may hold a password: it is not printed. */
export function howToPlan(
  { owned, url }: Pick<OpenRedis, 'owned' | 'url'>,
  account: string,
  rules: readonly SettingRow[],
): string[] {
  const settings = exportedRules(rules);
  return [
    'ready: the account is reconciled with the broker; file plans in another terminal',
    owned
      ? `  export REDIS_URL=${url} WORKSTEAL_ACCOUNT=${account}${settings}`
      : `  (with the REDIS_URL of this one, and WORKSTEAL_ACCOUNT=${account}${settings})`,
    '  npx worksteal plan FILE',
    'Ctrl-C ends these processes; orders that work at the broker go on working there: to cancel them before,',
    '  npx worksteal cancel --all-entries',
  ];
}
