/** `worksteal up` as a person runs it: summary, Ctrl-C, sudden death, and a replay. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { REPLAY } from '../../src/json/replay.ts';
import { UP } from '../../src/json/up.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { descendantsOf } from '../support/process-table.ts';
import { PROGRAM } from '../support/program.ts';

const SMALL = ['--watchers', '1', '--workers', '1'];
/** An hour of the market in six seconds: steals enough within a few. */
const FAST = ['--speed', '600'];
const PATIENCE = { timeout: 60_000, interval: 50 };

type Run = {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  ended: Promise<number | NodeJS.Signals>;
};

const runs: Run[] = [];
const folders: string[] = [];
const descendants = new Set<number>();
afterEach(async ({ task }) => {
  for (const { child, err, ended } of runs.splice(0)) {
    if (task.result?.state === 'fail') process.stderr.write(err());
    if (child.exitCode === null && child.signalCode === null) {
      for (const pid of descendantsOf(child.pid ?? 0)) descendants.add(pid);
      child.kill('SIGKILL');
    }
    await ended;
  }
  for (const pid of descendants) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  descendants.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-up-'));
  folders.push(folder);
  return folder;
}

/**
 * In a process group of its own, as a shell starts it; its temporary folders in one of ours; a Redis of its
 * own.
 */
function up(args: string[], more: Record<string, string> = {}): Run {
  const env = {
    ...more,
    ...CHILD_ENV,
    HOME: process.env['HOME'] ?? '',
    TMPDIR: freshFolder(),
  };
  return started(['up', '--json', ...SMALL, ...args], env);
}

const worksteal = (args: string[]): Run => started(args, { ...CHILD_ENV, TMPDIR: freshFolder() });

function started(args: string[], env: Record<string, string>): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env,
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    err += data.toString();
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1)),
  );
  const run = { child, out: () => out, err: () => err, ended };
  runs.push(run);
  return run;
}

/** Resolves when its watcher has leased plans: all is up and working. Notes the processes that it started. */
async function working(run: Run): Promise<void> {
  const log = () => readFileSync(/logs: (\S+)/.exec(run.err())?.[1] ?? '/dev/null', 'utf8');
  await expect.poll(log, PATIENCE).toMatch(/"role":"watch".*"msg":"watching"/);
  await expect.poll(log, PATIENCE).toMatch(/Work steal/);
  for (const pid of descendantsOf(run.child.pid ?? 0)) descendants.add(pid);
  expect(descendants.size).toBeGreaterThanOrEqual(6); // the exchange, four roles, and Redis behind its shell
}

/** Asked as a bot does, with the variables that --gateway prints for it. */
async function buyingPowerOfTheBot(run: Run): Promise<unknown> {
  await expect.poll(run.err, PATIENCE).toMatch(/^Gateway: .*SECRET_KEY=\S+$/m);
  const value = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(run.err())?.[1] ?? '';
  const answer = await fetch(`${value('APCA_API_BASE_URL')}/v2/account`, {
    headers: {
      'APCA-API-KEY-ID': value('APCA_API_KEY_ID'),
      'APCA-API-SECRET-KEY': value('APCA_API_SECRET_KEY'),
    },
  });
  return ((await answer.json()) as Record<string, unknown>)['buying_power'];
}

/** The broker's account, with the variables that are printed for a bot with the library. */
async function accountOfTheLibrary(run: Run): Promise<unknown> {
  const line = (): string => /^Library: .*$/m.exec(run.err())?.[0] ?? '';
  await expect.poll(line, PATIENCE).toMatch(/REDIS_URL=\S+ WORKSTEAL_ACCOUNT=demo /);
  const value = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(line())?.[1] ?? '';
  const keys = {
    'APCA-API-KEY-ID': value('APCA_API_KEY_ID'),
    'APCA-API-SECRET-KEY': value('APCA_API_SECRET_KEY'),
  };
  return await (await fetch(`${value('APCA_API_BASE_URL')}/v2/account`, { headers: keys })).json();
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const aliveStill = () => [...descendants].filter(isAlive);

function summaryOf(run: Run): Record<string, unknown> {
  const lines = run.out().trim().split('\n');
  expect(lines).toHaveLength(1);
  return UP.parse(JSON.parse(lines[0] ?? '')) as Record<string, unknown>;
}

/** What the summary promises, and what it must say of any run. */
const number = expect.any(Number) as number;
const latencies = { p50: number, p99: number };
const GOOD = {
  seconds: number,
  plans: number,
  admitted: number,
  refused: expect.any(Object) as object,
  steals: { granted: number, failed: number },
  cancels: number,
  fills: number,
  capViolations: 0,
  doubleOrders: 0,
  leaksMicros: 0,
  auditFaults: [],
  lostPlans: 0,
  unexplainedCancels: 0,
  unfinished: 0,
  deaths: 0,
  latencyMs: { admit: latencies, blockedToGranted: latencies },
  ok: true,
};

describe('worksteal up', () => {
  it('runs the whole system for a while and ends with one line of JSON', async () => {
    const run = up(['--for', '5s', ...FAST]);
    expect(await run.ended).toBe(0);
    const summary = summaryOf(run);
    expect(summary).toMatchObject(GOOD);
    expect(summary['seconds']).toBeGreaterThanOrEqual(5);
    for (const count of ['plans', 'admitted', 'cancels', 'fills'])
      expect(summary[count], count).toBeGreaterThan(0);
    expect((summary['steals'] as { granted: number }).granted).toBeGreaterThan(0);
    for (const reason of Object.values(summary['refused'] as object)) expect(reason).toBeGreaterThan(0);
  });

  it('stops in order on Ctrl-C, which reaches its whole process group, and leaves no process', async () => {
    const run = up(['--gateway', ...FAST]);
    await working(run);
    expect(await buyingPowerOfTheBot(run)).toMatch(/^[0-9.]+$/);
    expect(await accountOfTheLibrary(run)).toMatchObject({ status: 'ACTIVE' });
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    run.child.kill('SIGINT'); // as npm passes it on once more
    expect(await run.ended).toBe(0);
    expect(summaryOf(run)).toMatchObject(GOOD);
    expect(aliveStill()).toEqual([]);
  });

  it('leaves no process behind when it is killed', async () => {
    const run = up(FAST);
    await working(run);
    run.child.kill('SIGKILL');
    await expect.poll(aliveStill, PATIENCE).toEqual([]);
  });

  it('starts roles again that die, again and again, and nothing is lost by it', async () => {
    const leases = {
      WORKSTEAL_LEASE_MS: '1500',
      WORKSTEAL_PLAN_LEASE_MS: '1500',
      WORKSTEAL_REQUEST_TIMEOUT_MS: '700',
    };
    const run = up(['--for', '5s', '--watchers', '2', ...FAST], {
      ...leases,
      WORKSTEAL_DIE_AFTER: 'after_settle:6',
    });
    expect(await run.ended).toBe(0);
    expect(summaryOf(run)).toMatchObject({ ...GOOD, deaths: number });
    expect(summaryOf(run)['deaths']).toBeGreaterThan(0);
  });

  it('replays a folder of hourly bars', async () => {
    const folder = join(freshFolder(), 'bars');
    mkdirSync(folder);
    for (const [at, symbol] of ['BTCUSD', 'ETHUSD', 'AAPL'].entries())
      writeFileSync(join(folder, `${symbol}.csv`), bars(100 + 50 * at));
    const run = up(['--data', folder, '--for', '4s']);
    expect(await run.ended).toBe(0);
    const summary = summaryOf(run);
    expect(summary).toMatchObject(GOOD);
    for (const count of ['plans', 'admitted', 'fills']) expect(summary[count], count).toBeGreaterThan(0);
  });

  it.each([
    ['that steals', '0', 'stolen'],
    ['in a dry run', '1', 'dry_run'],
  ])(
    'has a journal, %s, of which no decision is another when it is made again',
    async (_what, dry, outcome) => {
      const run = up(FAST, { WORK_STEALING_DRY_RUN: dry });
      await expect.poll(run.err, PATIENCE).toMatch(/^Library: /m);
      const file = join(freshFolder(), 'journal.jsonl');
      const redis = /REDIS_URL=(\S+)/.exec(run.err())?.[1] ?? '';
      const recording = worksteal(['record', file, '--redis', redis, '--account', 'demo', '--json']);
      const recorded = (what: string) => textOf(file).split(what).length - 1;
      const decided = () => recorded('"type":"decision"');
      await expect.poll(() => textOf(file), PATIENCE).toContain(`"outcome":"${outcome}"`);
      await expect.poll(decided, PATIENCE).toBeGreaterThan(100);
      recording.child.kill('SIGINT');
      await recording.ended;
      run.child.kill('SIGINT');
      const replaying = worksteal(['replay', file, '--json']);
      expect(await replaying.ended).toBe(0);
      const { decisions, differ, left, differences } = REPLAY.parse(JSON.parse(replaying.out()));
      expect(differences).toEqual([]);
      expect(differ).toBe(0);
      // Some fleets meet a symbol that is held or ordered on the other side, which no rule of steals decides.
      const opposite = recorded('"outcome":"opposite"');
      expect(left).toEqual(
        opposite === 0 ? [] : [{ count: opposite, why: 'opposite does not depend on these rules' }],
      );
      expect(decisions).toBe(decided());
      expect(await run.ended).toBe(0);
    },
  );

  it('says what is wrong with its options, and starts nothing', async () => {
    const run = up(['--for', 'soon', '--watchers', '0']);
    expect(await run.ended).toBe(2);
    const { error } = JSON.parse(run.out()) as { error: { message: string } };
    expect(error.message).toMatch(/--for: "soon" is not a time such as 20s[\s\S]*--watchers/);
    expect(run.err()).not.toMatch(/redis:/);
  });
});

/**
 * Four days of a price that goes up and down by two per cent within eight hours, and what a system meant to
 * buy and sell at.
 */
function bars(base: number): string {
  const price = (hour: number) => base * (1 + 0.02 * Math.sin((hour * Math.PI) / 4));
  const rows = Array.from({ length: 96 }, (_, hour) => {
    const [open, close] = [price(hour), price(hour + 1)];
    const cells = [open, Math.max(open, close) * 1.002, Math.min(open, close) * 0.998, close].map((value) =>
      value.toFixed(4),
    );
    const start = new Date(Date.parse('2025-03-03T00:00:00Z') + hour * 3_600_000).toISOString();
    return [
      start,
      ...cells,
      '1000',
      '',
      '',
      '',
      (close * 0.996).toFixed(2),
      (close * 1.008).toFixed(2),
      '',
      '',
    ].join(',');
  });
  const header =
    'timestamp,open,high,low,close,volume,pred_high,pred_low,pred_close,' +
    'buy_limit,sell_limit,buy_amount,sell_amount';
  return `${[header, ...rows].join('\n')}\n`;
}
