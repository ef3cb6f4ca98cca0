/**
 * Malformed settings, in the environment and in the file that WORKSTEAL_CONFIG names: one WorkstealError
 * `settings` with one line per fault, never another error, and never a value out of bounds.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDecimal } from '../../src/domain/decimal.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { readFleetSettings } from '../../src/fleet/fleet-settings.ts';
import { processSettings } from '../../src/fleet/settings-file.ts';
import { parseSettingsFile } from '../../src/rules/setting-file.ts';
import { describeSettings, type Env, readSettings, type Settings } from '../../src/rules/settings.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { spoilText } from './input/spoil.ts';
import { spoilLines } from './input/spoil-lines.ts';
import { Tally } from './input/tally.ts';

const RIGHT: Record<string, string> = Object.fromEntries(
  describeSettings({}).map(({ variable, fallback }) => [variable, fallback]),
);
const MORE = {
  WORK_STEALING_POOLS: 'crypto:1,stock:4/2',
  WORK_STEALING_LEVERAGE: '4/2',
  WORK_STEALING_VIP_SYMBOLS: 'AAPL,BTC/USD',
};
const FILE = Object.entries({ ...RIGHT, ...MORE, NYSE_CLOSURES: '2026-12-31' })
  .map(([name, value]) => `${name}=${value}`)
  .join('\n');

/** Of the process beside the rules; all that it reads but the names of hosts. */
const FLEET = {
  REDIS_URL: 'redis://127.0.0.1:6379/0',
  WORKSTEAL_ACCOUNT: 'main',
  WORKSTEAL_HOST: 'host-1',
  APCA_API_BASE_URL: 'https://paper-api.alpaca.markets',
  APCA_API_DATA_URL: 'https://data.alpaca.markets',
  WORKSTEAL_REQUESTS_PER_MINUTE: '200',
  WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '200',
  WORKSTEAL_REQUEST_TIMEOUT_MS: '10000',
  WORKSTEAL_LEASE_MS: '10000',
  WORKSTEAL_PLAN_LEASE_MS: '10000',
  WORKSTEAL_SYNC_MS: '15000',
  WORKSTEAL_QUOTES_MS: '1000',
  WORKSTEAL_MAX_PLANS: '500',
  WORKSTEAL_LOG_LEVEL: 'info',
  WORKSTEAL_METRICS_PORT: '0',
  WORKSTEAL_METRICS_HOST: '127.0.0.1',
  WORKSTEAL_DIE_AFTER: 'after_admit:2',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-input-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What it throws, which must be a WorkstealError `settings`; undefined where it throws nothing. */
function failureOf(read: () => unknown, show = (): string => ''): WorkstealError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkstealError) || error.code !== 'settings')
      throw new Error(`${show()}: ${(error as Error).stack}`);
    if (error.message.length > 200_000)
      throw new Error(`an error of ${error.message.length} characters: ${show()}`);
    return error;
  }
}

const outcomeOf = (read: () => unknown, show: () => string): string => failureOf(read, show)?.code ?? 'read';

function spoiledEnv(
  right: Readonly<Record<string, string>>,
  chance: Chance,
): { env: Env; spoiled: string[] } {
  const names = Object.keys(right);
  const spoiled = [chance.pick(names)];
  if (chance.once(4)) spoiled.push(...names.filter(() => chance.once(5)));
  const entries = [...new Set(spoiled)].map((name) => [name, spoilText(right[name] ?? '', chance)] as const);
  return { env: { ...right, ...Object.fromEntries(entries) }, spoiled: entries.map(([name]) => name) };
}

/** What is read is within its bounds, whatever was written. */
function expectSane(settings: Settings): void {
  const { pools, vipSymbols, cryptoSymbols, gate, protection, minImprovement } = settings;
  const between = (text: string, least: number, most: number) =>
    isDecimal(text) && Number(text) >= least && Number(text) <= most;
  const {
    cooldownMs,
    fightWindowMs,
    fightCooldownMs,
    historyTtlMs,
    quoteMaxAgeMs,
    fightThreshold,
    maxVictims,
    cryptoForceCount,
  } = settings;
  const counts = [
    cooldownMs,
    fightWindowMs,
    fightCooldownMs,
    historyTtlMs,
    quoteMaxAgeMs,
    fightThreshold,
    maxVictims,
    cryptoForceCount,
  ];
  const sane =
    pools.every(({ name }) => /^[a-z][a-z0-9_]{0,15}$/.test(name)) &&
    pools.every(
      ({ leverage, leverageClosed = leverage }) =>
        between(leverage, 1e-9, 100) && between(leverageClosed, 1e-9, 100),
    ) &&
    [...vipSymbols, ...cryptoSymbols].every((symbol) => /^[A-Z0-9][A-Z0-9.]{0,31}$/.test(symbol)) &&
    between(gate, 0, 1) &&
    between(protection, 0, 1) &&
    between(minImprovement, 1, 1_000) &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
    historyTtlMs >= fightWindowMs + fightCooldownMs;
  if (!sane) expect.fail(JSON.stringify(settings));
}

describe('malformed settings', () => {
  it('of the rules in the environment are all reported in one error', () => {
    const chance = chanceOf('settings in the environment');
    const tally = new Tally();
    while (tally.of('settings') < CALLS) {
      const { env } = spoiledEnv({ ...RIGHT, ...MORE }, chance);
      tally.count(
        outcomeOf(
          () => expectSane(readSettings(env).settings),
          () => JSON.stringify(env).slice(0, 5_000),
        ),
      );
    }
    tally.expectRefused(0.6, ['settings']);
  });

  it('are each named, however many there are', () => {
    const chance = chanceOf('settings by name');
    for (let i = 0; i < 200; i += 1) {
      const { env, spoiled } = spoiledEnv({ ...RIGHT, ...MORE }, chance);
      const alone = spoiled.filter(
        (name) =>
          outcomeOf(
            () => readSettings({ [name]: env[name] }),
            () => name,
          ) === 'settings',
      );
      // Not those that only clash with a default, which another value may mend.
      const faulty = alone.filter(
        (name) => name in (failureOf(() => readSettings({ [name]: env[name] }))?.details ?? {}),
      );
      if (faulty.length === 0) continue;
      const told = failureOf(() => readSettings(env))?.message;
      for (const name of faulty) expect(told).toContain(`${name}="`);
    }
  });

  it('in a file are reported with their lines, together with those of the environment', () => {
    const chance = chanceOf('settings in a file');
    const tally = new Tally();
    while (tally.of('settings') < CALLS) {
      const text = spoilLines(FILE, chance).toString('utf8');
      const file = parseSettingsFile('rules.env', text);
      for (const fault of file.faults) if (!/^rules\.env(:\d+ | has )/.test(fault)) expect.fail(fault);
      tally.count(
        outcomeOf(
          () => expectSane(readSettings({}, file).settings),
          () => JSON.stringify(text.slice(0, 5_000)),
        ),
      );
    }
    tally.expectRefused(0.6, ['settings']);
  });

  it('of the process are all reported in one error', () => {
    const chance = chanceOf('settings of the process');
    const tally = new Tally();
    while (tally.of('settings') < CALLS) {
      const { env } = spoiledEnv(FLEET, chance);
      const read = (): void => {
        const settings = readFleetSettings(env);
        const { maxSpread, ...whole } = settings;
        for (const value of Object.values(whole))
          if (typeof value === 'number' && !Number.isSafeInteger(value)) expect.fail(`${value}`);
        if (!(maxSpread > 0 && maxSpread <= 2)) expect.fail(`${maxSpread}`);
        for (const name of Object.keys(FLEET).filter((one) => /_(MS|MINUTE|PLANS|PORT)$/.test(one))) {
          if (env[name] && !/^\d+$/.test(env[name])) expect.fail(`${name}=${env[name]} was taken`);
        }
      };
      tally.count(outcomeOf(read, () => JSON.stringify(env).slice(0, 5_000)));
    }
    tally.expectRefused(0.5, ['settings']);
  });

  it('that WORKSTEAL_CONFIG does not name rightly are a fault that names the file', () => {
    const path = (name: string, content?: string | Buffer): string => {
      if (content !== undefined) writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    mkdirSync(join(folder, 'directory'));
    const chance = chanceOf('settings files');
    const files = [
      path('missing'),
      path('directory'),
      path('huge', 'x'.repeat(300_000)),
      path('binary', chance.bytes(10_000)),
      path('long', '#\n'.repeat(1_001)),
      path('proto', '__proto__=1\nconstructor=2\ntoString=3\n'),
      path('twice', 'WORK_STEALING_COOLDOWN=60\nWORK_STEALING_COOLDOWN=61\n'),
      path('utf16', Buffer.from('\ufeffWORK_STEALING_COOLDOWN=60\n', 'utf16le')),
      `${path('nul')}\0`,
      'x'.repeat(5_000),
      '/proc/self/mem',
    ];
    for (const file of files) {
      const outcome = outcomeOf(
        () => processSettings({ WORKSTEAL_CONFIG: file }),
        () => file.slice(0, 100),
      );
      expect(outcome, file.slice(0, 100)).toBe('settings');
    }
  });
});
