/**
 * The main job on one machine: Redis, the paper exchange, watchers, workers, a keeper, a planner and the API,
 * each in its own process. The market runs faster than real time. At the end the result is checked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkstealError } from '../../domain/errors.ts';
import { secretHider } from '../../domain/secrets.ts';
import { openSettingsFile, processSettings } from '../../fleet/settings-file.ts';
import { setClock } from '../../ledger/commands/clock.ts';
import { configure } from '../../ledger/commands/configure.ts';
import { followEvents } from '../../ledger/events.ts';
import { key } from '../../ledger/keys.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { readLossWait } from '../../ledger/loss-wait.ts';
import { openRedis } from '../../redis/open.ts';
import { describeSettings } from '../../rules/settings.ts';
import { terminalView } from '../terminal/view.ts';
import { BUDGET, howToJoin, KEYS, marketTime, SYNC_MS, startExchange } from './demo-exchange.ts';
import { startDoors } from './doors.ts';
import { close } from './finish.ts';
import { FURTHER_RULES } from './further-rules.ts';
import type { UpOptions } from './options.ts';
import { type Processes, startProcesses } from './processes.ts';
import { replayStart } from './replay-start.ts';
import { type Summary, summarize } from './summary.ts';
import { Tally } from './tally.ts';
import { render } from './view.ts';

const ACCOUNT = 'demo';
const GRACE_MS = 8_000;
const DRAW_MS = 250;
const READY_MS = 60_000;
const READY_LOOK_MS = 50;

/** Where the run prints its progress. */
export type Console = { say: (line: string) => void; screen: NodeJS.WriteStream | undefined };

/** Runs until `signal` aborts or the time is over. @throws WorkstealError if a process cannot start */
export async function runMainJob(
  options: UpOptions,
  console: Console,
  signal: AbortSignal,
  now: () => number,
): Promise<Summary> {
  const log = { info: console.say, warn: console.say };
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-'));
  const logFile = join(folder, 'fleet.log');
  // In a replay, prices often jump between two bars, and doubting one for a second costs an hour of market.
  const own = {
    ...(options.rules === 'beyond' ? FURTHER_RULES : {}),
    ...(options.data === undefined ? {} : { WORK_STEALING_QUOTE_MAX_JUMP: '0' }),
    ...process.env,
  };
  const { settings: rules } = processSettings(own);
  const inForce = describeSettings(own, openSettingsFile(own));
  const start =
    options.start ?? (options.data === undefined ? new Date(now()).toISOString() : replayStart(options.data));
  const redis = await openRedis({ env: process.env, log, persistence: 'everysec' });
  // On a shared Redis each run gets its own account.
  const account = redis.owned ? ACCOUNT : `${ACCOUNT}-${process.pid}`;
  const tally = new Tally();
  const env = {
    ...own,
    REDIS_URL: redis.url,
    WORKSTEAL_ACCOUNT: account,
    APCA_API_KEY_ID: KEYS,
    APCA_API_SECRET_KEY: KEYS,
    WORKSTEAL_SYNC_MS: String(SYNC_MS),
    WORKSTEAL_QUOTES_MS: options.speed > 600 ? '20' : '100',
    ...BUDGET,
    WORKSTEAL_LOG_LEVEL: process.env['WORKSTEAL_LOG_LEVEL'] ?? 'info',
    // The processes share a machine: each needs its own port, and a name of its own.
    WORKSTEAL_HOST: undefined,
    WORKSTEAL_API_ACCOUNTS: undefined,
    WORKSTEAL_METRICS_PORT: process.env['WORKSTEAL_METRICS_PORT'] ? '0' : undefined,
  };
  const processes = startProcesses(env, logFile, (report) => tally.report(report));
  const eventsEnd = new AbortController();
  let ledger: Ledger | undefined;
  let summary: Summary | undefined;
  try {
    console.say(
      `redis: ${secretHider([])(redis.url)}   account: ${account}   logs: ${logFile} (kept after ` +
        'a failure)',
    );
    console.say('starting: paper exchange, keeper, workers, watchers, planner, API; some seconds');
    const exchangeUrl = await startExchange(processes, options, start, rules.pools);
    Object.assign(env, { APCA_API_BASE_URL: exchangeUrl, APCA_API_DATA_URL: exchangeUrl });
    ledger = await openLedger(redis.url, account);
    await configure(ledger, rules, 10 * SYNC_MS);
    await setClock(ledger, {
      mode: 'scaled',
      nowMs: await marketTime(exchangeUrl),
      scale: String(options.speed),
    });
    const events = followEvents(redis.url, account, (event) => tally.event(event), eventsEnd.signal).catch(
      () => {},
    );
    // The page first, so that it shows how the rest begins.
    const doors = startDoors(processes, options.gateway, { folder, env: own, say: console.say });
    const roles = startRoles(processes, options);
    await Promise.all([doors, roles, untilReconciled(ledger, console.say, signal, now)]);
    for (const line of howToJoin(redis, account, exchangeUrl, inForce)) console.say(line);

    const startedMs = now();
    await watchUntil(options, console, { signal, now, startedMs, ledger, tally });
    const seconds = (now() - startedMs) / 1000;
    console.say('stopping: no new entries, then the book is closed and judged');
    await processes.stop('plan', GRACE_MS);
    await Promise.all(['watch', 'serve', 'gateway'].map((name) => processes.stop(name, GRACE_MS)));
    const closing = await close(ledger, exchangeUrl, now);
    eventsEnd.abort();
    await events;
    summary = summarize({
      seconds,
      tally,
      closing,
      deaths: processes.deaths(),
      plans: await plansFiled(ledger),
    });
    return summary;
  } finally {
    eventsEnd.abort();
    await processes.stopAll(GRACE_MS);
    await ledger?.close();
    await redis.close();
    // The logs are kept after a failure.
    if (summary?.ok) rmSync(folder, { recursive: true, force: true });
  }
}

async function startRoles(processes: Processes, options: UpOptions): Promise<void> {
  const many = (name: string, count: number) =>
    Array.from({ length: count }, () => processes.start({ name, args: [name] }));
  await Promise.all([
    ...many('keep', options.keepers),
    ...many('work', options.workers),
    ...many('watch', options.watchers),
  ]);
  const plan =
    options.data === undefined
      ? ['plan', '--demo', '--seed', String(options.seed)]
      : ['plan', '--data', options.data];
  await processes.start({ name: 'plan', args: plan });
}

/**
 * The fleet is ready once the keeper has reconciled the account; until then nothing is admitted (I8). A wait
 * of the keeper for what was sent before a loss is printed once, and is not part of the time limit.
 * @param before when it was reconciled last, as the ledger has it; null: never
 */
export async function untilReconciled(
  ledger: Ledger,
  say: Console['say'],
  signal: AbortSignal,
  now: () => number,
  before: string | null = null,
): Promise<void> {
  let until = now() + READY_MS;
  let isTold = false;
  while (
    !signal.aborted &&
    (await ledger.redis.hget(key(ledger.account, 'account'), 'synced_at_ms')) === before
  ) {
    if (now() > until)
      throw new WorkstealError(
        'timeout',
        `the keeper has not reconciled the account within ${READY_MS / 1000} s`,
      );
    const wait = isTold ? undefined : await readLossWait(ledger);
    if (wait !== undefined) {
      isTold = true;
      until += wait.leftMs;
      say(`entries: ${wait.words}`);
    }
    await pause(READY_LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

type Show = { signal: AbortSignal; now: () => number; startedMs: number; ledger: Ledger; tally: Tally };

export async function watchUntil(
  options: Pick<UpOptions, 'for'>,
  console: Console,
  { signal, now, startedMs, ledger, tally }: Show,
): Promise<void> {
  const view = console.screen === undefined ? undefined : terminalView(console.screen);
  try {
    while (!signal.aborted && (options.for === undefined || now() - startedMs < options.for)) {
      if (view) {
        const lines = await render(ledger, tally, (now() - startedMs) / 1000);
        view.draw(() => lines);
      }
      await pause(DRAW_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    view?.end();
  }
}

async function plansFiled(ledger: Ledger): Promise<number> {
  return Number((await ledger.redis.hget(key(ledger.account, 'plan_totals'), 'filed')) ?? 0);
}
